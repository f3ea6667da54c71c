"""What `openapi` says of a service is what the running service says of itself."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SERVICES = ["catalogue"]


def written(service: str, *options: str) -> dict:
    command = [os.environ["ARCHITECT"], "openapi", str(HERE / service), "--python", sys.prefix, "--quiet", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def served(service: str) -> dict:
    sys.path.insert(0, str(HERE / service))
    try:
        return json.loads(json.dumps(importlib.import_module("app.main").app.openapi()))
    finally:
        sys.path.pop(0)
        for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
            del sys.modules[name]


def parts(document: dict) -> dict:
    """Every operation and every definition, by a name that tells where it differs."""
    out = {key: value for key, value in document.items() if key not in ("paths", "components")}
    for path, item in document.get("paths", {}).items():
        out.update({f"{method.upper()} {path}": operation for method, operation in item.items()})
    for section, entries in document.get("components", {}).items():
        out.update({f"{section} {name}": entry for name, entry in entries.items()})
    return out


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_the_one_the_service_serves(service: str) -> None:
    mine, theirs = parts(written(service)), parts(served(service))
    differing = {name: (mine.get(name), theirs.get(name)) for name in {*mine, *theirs} if mine.get(name) != theirs.get(name)}
    assert differing == {}


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_the_same_from_run_to_run(service: str) -> None:
    assert json.dumps(written(service)) == json.dumps(written(service))
