"""Runs the binary that was installed with this package."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

NAME = "fastapi-architect" + (sysconfig.get_config_var("EXE") or "")


def binary() -> Path:
    """Returns the binary of this installation.

    Raises:
        FileNotFoundError: It is in none of the folders that installers use.
    """
    # An environment, `pip install --user`, and `pip install --target`, which puts `bin` beside the package.
    folders = [
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", f"{os.name}_user")),
        Path(__file__).resolve().parent.parent / "bin",
    ]
    for folder in folders:
        if (folder / NAME).is_file():
            return folder / NAME
    raise FileNotFoundError(f"{NAME} is in none of {', '.join(map(str, folders))}")


def main() -> None:
    """Hands over to the binary."""
    program = str(binary())
    if os.name == "posix":
        os.execv(program, [program, *sys.argv[1:]])
    # Windows has no exec that a console waits for.
    sys.exit(subprocess.run([program, *sys.argv[1:]], check=False).returncode)


if __name__ == "__main__":
    main()
