"""The services under test, and the servers they need."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import databases
import pytest
from cells import Cell, chosen

SECRET = "7Jm-2qXvE0c4Rk9TzLw8YbGh3NdUoPsA"
# What no setting of a service may come from.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "UV_CACHE_DIR", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Service:
    """A generated service, with its packages installed from its own lock file."""

    cell: Cell
    folder: Path

    @cached_property
    def programs(self) -> Path:
        """The programs of its environment."""
        return self.folder / ".venv" / "bin"

    def environment(self, database_url: str = "", redis_url: str = "") -> dict[str, str]:
        """Give it settings, and none of ours."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "DATABASE_URL": database_url or f"sqlite:///{self.folder}/own.db",
            "SECRET_KEY": SECRET,
            "REDIS_URL": redis_url or "redis://localhost:1",
            "WEB_CONCURRENCY": "1",
            "HOSTS": "1",
        }

    def run(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Run a program of its environment, which has to succeed."""
        run([str(self.programs / program), *arguments], self.folder, environment or self.environment())


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a program, which has to succeed."""
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-6000:]}{ran.stderr[-6000:]}"
    return ran.stdout


def architect(*arguments: str, folder: Path) -> str:
    """Run the program under test, which has to succeed."""
    return run([os.environ["ARCHITECT"], *arguments], folder)


def missing(what: str) -> None:
    """Skip a test; where everything has to be installed, fail."""
    message = f"{what} is not installed"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session", params=chosen(), ids=str)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Each service whose turn it is."""
    cell: Cell = request.param
    folder = tmp_path_factory.mktemp(str(cell))
    architect("new", "shop", *cell.arguments(), folder=folder)
    run(["uv", "sync", "--quiet", "--locked"], folder / "shop")
    return Service(cell, folder / "shop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Postgres]:
    """A PostgreSQL server."""
    with databases.postgres() as server:
        if server is None:
            missing("PostgreSQL")
        else:
            yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The address of a Redis server."""
    with databases.redis() as url:
        if url is None:
            missing("Redis")
        else:
            yield url
