"""What users of `new` do: a first request within two commands, answers in a terminal, the newest packages."""

import os
import pty
import shutil
import subprocess
from pathlib import Path

from cells import THREE
from conftest import KEPT, architect, run
from server import Server

PHRASE = "correct horse battery staple"


def test_two_commands_lead_to_a_first_authenticated_request(tmp_path: Path) -> None:
    """No server, no container, no setting, no prompt."""
    architect("new", "shop", "--yes", folder=tmp_path)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = ["uv", "run", "--locked", "uvicorn", "app.main:app", "--port", "{port}"]
    with Server(tmp_path / "shop", command, environment) as server:
        credentials = {"email": "me@example.org", "password": PHRASE}
        assert server.call("POST", "/api/v1/auth/register", body=credentials).status == 201
        form = {"username": "me@example.org", "password": PHRASE}
        token = server.call("POST", "/api/v1/auth/login", form=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        me = server.call("GET", "/api/v1/users/me", headers=headers)
    assert me.status == 200
    assert me.json()["email"] == "me@example.org"
    # The secret of the first start stays, and is for its owner only.
    assert (tmp_path / "shop/.env").stat().st_mode & 0o077 == 0


def test_a_service_starts_without_uv(tmp_path: Path) -> None:
    """From the files of requirements, whose hashes pip checks."""
    architect("new", "shop", "--yes", folder=tmp_path)
    folder = tmp_path / "shop"
    run(["python3", "-m", "venv", ".venv"], folder)
    install = [".venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes"]
    run([*install, "--requirement", "requirements.txt"], folder)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [".venv/bin/uvicorn", "app.main:app", "--port", "{port}"]
    with Server(folder, command, environment) as server:
        assert server.call("GET", "/health/ready").status == 200
    # As its README says it for those who work on it.
    run([*install, "--requirement", "requirements-dev.txt"], folder)


def test_the_newest_packages_work(tmp_path: Path) -> None:
    """What the lock file holds today is old one day: this fails when it is time for `cargo xtask lock`."""
    resources = [part for text in THREE for part in ("--resource", text)]
    architect("new", "shop", "--yes", "--size", "service", *resources, folder=tmp_path)
    folder = tmp_path / "shop"
    run(["uv", "sync", "--quiet", "--upgrade"], folder)
    run(["uv", "run", "mypy"], folder)
    run(["uv", "run", "pytest", "-q"], folder)


def answer(folder: Path, answers: list[str], *arguments: str) -> tuple[int, str]:
    """Run `new` in a terminal, and give its exit status and what it said."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [os.environ["ARCHITECT"], "new", *arguments],
        cwd=folder,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(terminal)
    os.write(controller, "".join(f"{line}\n" for line in answers).encode())
    told, _ = process.communicate(timeout=60)
    os.close(controller)
    return process.returncode, told


def test_a_terminal_is_asked(tmp_path: Path) -> None:
    answers = ["perhaps", "", "book title:money", "book title:string:index", "", "many", "", "300", "", "2"]
    status, told = answer(tmp_path, answers, "shop")
    assert status == 0, told
    assert "neither yes nor no" in told
    assert "not a type" in told
    assert "is not a whole number" in told
    assert "The size is service" in told
    assert "300 requests per second" in (tmp_path / "shop/docs/DECISIONS.md").read_text()
    assert (tmp_path / "shop/app/models/book.py").exists()


def test_what_is_said_is_not_asked(tmp_path: Path) -> None:
    said = ("--size", "prototype", "--auth", "none", "--resource", "book title:string")
    status, told = answer(tmp_path, [], "shop", *said)
    assert status == 0, told
    assert "?" not in told.partition("files in")[0]


def test_a_bad_name_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    status, told = answer(tmp_path, [], "class")
    assert status == 2
    assert "keyword of Python" in told
    assert "accounts" not in told
    assert shutil.which("uv") and not list(tmp_path.iterdir())
