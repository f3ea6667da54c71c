"""A PostgreSQL server and a Redis server for tests: started in a folder of their own, ended with it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server import free_port

START_SECONDS = 30.0


def postgres_programs() -> Path | None:
    """Find the folder of `initdb`, which Debian keeps out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


class Postgres:
    """A PostgreSQL server whose data may be lost."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """Prepare one in an empty folder."""
        self.programs = programs
        self.data = folder / "data"
        self.folder = folder
        self.port = free_port()

    def url(self, database: str) -> str:
        """Give the address of a database."""
        return f"postgresql://postgres:postgres@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, as a user that it accepts."""
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=self.folder)
        if ran.returncode != 0:
            raise RuntimeError(f"{program}: {ran.stdout}{ran.stderr}")

    def sql(self, statement: str) -> None:
        """Run a statement."""
        port = str(self.port)
        self.run("psql", "-h", "127.0.0.1", "-p", port, "-d", "postgres", "-c", statement)

    def create(self, database: str) -> str:
        """Make an empty database, and give its address."""
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.sql(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def start(self) -> None:
        """Start it."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=200 "
            f"-c fsync=off -c unix_socket_directories={self.folder}"
        )
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.data), "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        """Stop it at once."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")


@contextmanager
def postgres() -> Iterator[Postgres | None]:
    """Run a PostgreSQL server; nothing where it is not installed."""
    programs = postgres_programs()
    if programs is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="scaffold-postgres-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Postgres(programs, folder)
        server.run("initdb", "-D", str(server.data), "-U", "postgres", "-A", "trust", "-N")
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[str | None]:
    """Run a Redis server and give its address; nothing where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="scaffold-redis-") as folder:
        command = [program, "--port", str(port), "--save", "", "--dir", folder, "--bind", "127.0.0.1"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()
