"""Twelve probes of how a service behaves, against one that runs: `python probes.py PROJECT`.

They need nothing but the standard library and the project's own environment. What is
timed is judged as a ratio within one run, so a slow machine changes nothing. Another
service than a generated one is described by `--target FILE`, a JSON object with the
fields of `Target` that differ.
"""

import argparse
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import databases
from server import Answer, Server

PHRASE = "correct horse battery staple"
PROBLEM = "application/problem+json"
PROBLEM_FIELDS = {"type", "title", "status", "detail", "error_code", "instance"}
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "UV_CACHE_DIR", "SSL_CERT_FILE")
UNSAFE_SECRETS = ("", "changethis", "secret", "x" * 64, "change-me-please-0123456789-0123456789")

TIMING_PAIRS = 9
TIMING_SHARE = 0.2
READ_MILLISECONDS = 60.0
# Of what one login takes alone: 60 of 250 milliseconds, which bcrypt with 12 rounds takes.
READ_SHARE = 0.24
LOGINS_AT_ONCE = 4
BLOCKING_SECONDS = 4.0
CONNECTIONS = 64
REQUESTS_EACH = 4
HEALTH_PROBES = 300
RECOVERY_SECONDS = 20.0


@dataclass(frozen=True)
class Target:
    """How to start a service, and where in it what is."""

    start: tuple[str, ...] = (".venv/bin/uvicorn", "app.main:app", "--port", "{port}")
    migrate: tuple[str, ...] = (".venv/bin/alembic", "upgrade", "head")
    test: tuple[str, ...] = (".venv/bin/pytest", "-q")
    environment: Mapping[str, str] = field(default_factory=dict)
    register: str = "/api/v1/auth/register"
    login: str = "/api/v1/auth/login"
    refresh: str = "/api/v1/auth/refresh"
    me: str = "/api/v1/users/me"
    live: str = "/health/live"
    ready: str = "/health/ready"
    page_size: str = "page_size"

    @classmethod
    def read(cls, file: Path | None) -> "Target":
        """Read what differs."""
        if file is None:
            return cls()
        given: dict[str, Any] = json.loads(file.read_text())
        unknown = set(given) - {one.name for one in fields(cls)}
        if unknown:
            raise SystemExit(f"{file}: there is no field {', '.join(sorted(unknown))}")
        for name in ("start", "migrate", "test"):
            given[name] = tuple(given.get(name, getattr(cls, name)))
        return cls(**given)


class Failure(Exception):
    """What a service does that it should not."""


def require(right: object, told: str) -> None:
    """Fail unless something is so."""
    if not right:
        raise Failure(told)


class Bench:
    """The service under test, its database, and accounts in it."""

    def __init__(
        self, folder: Path, target: Target, postgres: databases.Postgres | None, redis: str | None
    ) -> None:
        """Prepare settings; nothing runs yet."""
        self.folder = folder
        self.target = target
        self.postgres = postgres
        self.file = folder / "probes.db"
        url = postgres.create("probes") if postgres else f"sqlite:///{self.file}"
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment = kept | {
            "DATABASE_URL": url,
            "REDIS_URL": redis or "redis://localhost:1",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ENVIRONMENT": "local",
            "WEB_CONCURRENCY": "1",
            "HOSTS": "1",
            # All probes come from one address.
            "REQUESTS_PER_MINUTE": "1000000",
        }
        # Services that take the parts of the address.
        parts = {"database": "probes", "database_port": str(postgres.port if postgres else 0)}
        self.environment |= {name: value.format(**parts) for name, value in target.environment.items()}
        self.server = self.make_server({})

    def make_server(self, changes: Mapping[str, str]) -> Server:
        """Make a server with other settings."""
        return Server(self.folder, self.target.start, self.environment | dict(changes))

    def run(self, command: tuple[str, ...]) -> None:
        """Run a command of the project."""
        ran = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        require(ran.returncode == 0, f"{' '.join(command)}: {ran.stdout[-1500:]}{ran.stderr[-1500:]}")

    def register(self) -> str:
        """Make an account, and give its address."""
        email = f"u{uuid.uuid4().hex}@example.org"
        answer = self.server.call("POST", self.target.register, body={"email": email, "password": PHRASE})
        require(answer.status in {200, 201}, f"{self.target.register} answers {answer.status}")
        return email

    def log_in(self, email: str, phrase: str = PHRASE) -> Answer:
        """Log in."""
        form = {"username": email, "password": phrase}
        return self.server.call("POST", self.target.login, form=form)

    def session(self) -> dict[str, str]:
        """Log a new account in, and give its tokens."""
        answer = self.log_in(self.register())
        require(answer.status == 200, f"{self.target.login} answers {answer.status}")
        tokens: dict[str, str] = answer.json()
        return tokens

    def headers(self) -> dict[str, str]:
        """Give the headers of a new account."""
        return {"Authorization": f"Bearer {self.session()['access_token']}"}

    def refresh(self, token: str) -> Answer:
        """Use a refresh token."""
        return self.server.call("POST", self.target.refresh, body={"refresh_token": token})

    def document(self) -> dict[str, Any]:
        """Read the OpenAPI document."""
        document: dict[str, Any] = self.server.call("GET", "/openapi.json").json()
        return document

    def lists(self) -> list[str]:
        """Find the paths of lists: those with a page size, and nothing in the path."""
        found = []
        for path, operations in self.document()["paths"].items():
            parameters = operations.get("get", {}).get("parameters", [])
            named = any(one["name"] == self.target.page_size for one in parameters)
            if named and "{" not in path:
                found.append(path)
        return found

    def creation(self) -> tuple[str, Any]:
        """Find a path that takes an idempotency key, and make a body for it.

        Bodies are made from the document, so that they fit a service that nobody knows.
        """
        document = self.document()
        for path, operations in document["paths"].items():
            post = operations.get("post", {})
            named = any(one["name"].lower() == "idempotency-key" for one in post.get("parameters", []))
            schema = post.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if named and schema:
                body = example(schema, document)
                if body is not None:
                    return path, body
        raise Failure("no path takes an Idempotency-Key and a body without references")

    @contextlib.contextmanager
    def without_database(self) -> Iterator[None]:
        """Take the database away for a while."""
        if self.postgres:
            self.postgres.stop()
            try:
                yield
            finally:
                self.postgres.start()
            return
        hidden = self.file.with_suffix(".hidden")
        self.file.rename(hidden)
        try:
            yield
        finally:
            hidden.rename(self.file)


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Make a value for a schema; nothing where it needs the identifier of something else."""
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return example(found, document)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        kinds = sorted(schema["anyOf"], key=lambda one: one.get("type") != "number")
        return example(kinds[0], document)
    match schema.get("type"):
        case "object":
            made = {name: example(schema["properties"][name], document) for name in schema.get("required", ())}
            return None if None in made.values() else made
        case "string" if schema.get("format") == "uuid":
            return None
        case "string" if schema.get("format") == "date":
            return "2026-01-31"
        case "string" if schema.get("format") == "date-time":
            return "2026-01-31T12:00:00Z"
        case "string":
            return "x" * max(schema.get("minLength", 1), 1)
        case "integer" | "number":
            # Bounds are written as floats, also those of whole numbers.
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0))) + 1
        case "boolean":
            return True
    return None


def reuse_revokes_the_family(bench: Bench) -> str:
    """A refresh token that is used again revokes everything its login led to."""
    first = bench.session()["refresh_token"]
    second = bench.refresh(first)
    require(second.status == 200, f"the first use answers {second.status}")
    require(bench.refresh(first).status == 401, "the second use is not refused")
    third = bench.refresh(second.json()["refresh_token"]).status
    require(third == 401, f"the successor of the reused token answers {third}")
    return "401, and the family is gone"


def one_of_four_refreshes_succeeds(bench: Bench) -> str:
    """Of four refreshes at once exactly one succeeds."""
    for _ in range(5):
        token = bench.session()["refresh_token"]
        with ThreadPoolExecutor(4) as threads:
            statuses = sorted(one.status for one in threads.map(bench.refresh, [token] * 4))
        require(statuses == [200, 401, 401, 401], f"answers are {statuses}")
    return "200 401 401 401, five times"


def page_sizes_are_bounded(bench: Bench) -> str:
    """Negative and huge page sizes are refused."""
    lists, headers = bench.lists(), bench.headers()
    require(lists, f"no list has {bench.target.page_size}")
    asked = 0
    for path in lists:
        for size in (-1, 0, 10**9):
            answer = bench.server.call("GET", f"{path}?{bench.target.page_size}={size}", headers=headers)
            # Who may not list at all is told so first.
            require(answer.status in {403, 422}, f"{path} with {size} answers {answer.status}")
            asked += answer.status == 422
    require(asked, "no list could be asked")
    return f"{asked} requests, 422"


def logins_take_the_same_time(bench: Bench) -> str:
    """Login of an unknown user and of a known one differ by less than a fifth."""
    shares = []
    for _ in range(3):
        known, unknown = [], []
        email = bench.register()
        for _ in range(TIMING_PAIRS):
            answer = bench.log_in(email, "not the one")
            require(answer.status in {400, 401}, f"a wrong password answers {answer.status}")
            known.append(answer.seconds)
            unknown.append(bench.log_in(f"{uuid.uuid4().hex}@example.org", "not the one").seconds)
        medians = statistics.median(known), statistics.median(unknown)
        shares.append(abs(medians[0] - medians[1]) / max(medians))
        if shares[-1] < TIMING_SHARE:
            break
    require(min(shares) < TIMING_SHARE, f"they differ by {min(shares):.0%}")
    return f"they differ by {shares[-1]:.1%}"


def reads_do_not_wait_for_logins(bench: Bench) -> str:
    """A read stays quick while four logins run."""
    headers = bench.headers()
    emails = [bench.register() for _ in range(LOGINS_AT_ONCE)]
    alone = statistics.median(bench.log_in(email).seconds for email in emails)
    bound = max(READ_MILLISECONDS / 1000, READ_SHARE * alone)
    end = threading.Event()

    def log_in_again(email: str) -> int:
        count = 0
        while not end.is_set():
            bench.log_in(email, "not the one")
            count += 1
        return count

    with ThreadPoolExecutor(LOGINS_AT_ONCE) as threads:
        running = [threads.submit(log_in_again, email) for email in emails]
        deadline = time.monotonic() + BLOCKING_SECONDS
        reads = []
        while time.monotonic() < deadline:
            reads.append(bench.server.call("GET", bench.target.me, headers=headers))
        end.set()
        logins = sum(one.result() for one in running)
    require(all(one.status == 200 for one in reads), "a read failed")
    median = statistics.median(one.seconds for one in reads)
    told = f"median {median * 1000:.0f} ms of {len(reads)} reads, {logins} logins of {alone * 1000:.0f} ms alone"
    require(median < bound, told)
    return told


def many_connections_at_once(bench: Bench) -> str:
    """Sixty-four connections at once neither deadlock nor fail."""
    headers = bench.headers()

    def read(_: int) -> list[int]:
        return [bench.server.call("GET", bench.target.me, headers=headers).status for _ in range(REQUESTS_EACH)]

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        statuses = [status for some in threads.map(read, range(CONNECTIONS)) for status in some]
    wrong = [status for status in statuses if status != 200]
    require(not wrong, f"{len(wrong)} of {len(statuses)} answers are {sorted(set(wrong))}")
    return f"{len(statuses)} answers, 200"


def tests_leave_the_database(bench: Bench) -> str:
    """The project's own tests leave the development database as it was."""
    email = bench.register()
    before = contents(bench)
    bench.run(bench.target.test)
    require(contents(bench) == before, "the tests changed the development database")
    require(bench.log_in(email).status == 200, "the account is gone")
    return "every table is as it was"


def contents(bench: Bench) -> str:
    """Dump the development database."""
    if bench.postgres:
        programs = bench.postgres.programs
        dump = subprocess.run(
            [str(programs / "pg_dump"), "--data-only", "--inserts", "--restrict-key=probes", bench.environment["DATABASE_URL"]],
            capture_output=True,
            check=True,
        )
        return hashlib.sha256(dump.stdout).hexdigest()
    with contextlib.closing(sqlite3.connect(bench.file)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def health_is_not_limited(bench: Bench) -> str:
    """Probes of health are never refused for being many."""
    # Where requests are limited, they are to five a minute.
    with bench.make_server({"REQUESTS_PER_MINUTE": "5"}) as server:
        for path in (bench.target.live, bench.target.ready):
            statuses = {server.call("GET", path).status for _ in range(HEALTH_PROBES)}
            require(statuses == {200}, f"{path} answers {sorted(statuses)}")
    return f"{2 * HEALTH_PROBES} answers, 200"


def keys_make_requests_once(bench: Bench) -> str:
    """A repeated POST with the same idempotency key is answered once."""
    path, body = bench.creation()
    headers = bench.headers() | {"Idempotency-Key": uuid.uuid4().hex}

    def create(_: int) -> Answer:
        return bench.server.call("POST", path, body=body, headers=headers)

    first = create(0)
    require(first.status == 201, f"{path} answers {first.status}: {first.body[:300]!r}")
    with ThreadPoolExecutor(4) as threads:
        again = [first, *threads.map(create, range(4))]
    require({one.status for one in again} == {201}, f"answers are {[one.status for one in again]}")
    require(len({one.json()["id"] for one in again}) == 1, "it was created again")
    return f"five times {path}, one row"


def unsafe_secrets_do_not_start(bench: Bench) -> str:
    """An empty or default secret refuses to start."""
    for secret in UNSAFE_SECRETS:
        with contextlib.suppress(RuntimeError), bench.make_server({"SECRET_KEY": secret}):
            raise Failure(f"it starts with the secret {secret!r}")
    return f"{len(UNSAFE_SECRETS)} secrets refused"


def readiness_follows_the_database(bench: Bench) -> str:
    """Readiness is 503 with the database down, and recovers."""
    require(bench.server.call("GET", bench.target.ready).status == 200, "it is not ready")
    with bench.without_database():
        down = bench.server.call("GET", bench.target.ready).status
        alive = bench.server.call("GET", bench.target.live).status
        require(down == 503, f"without its database readiness answers {down}")
        require(alive == 200, f"without its database the process answers {alive}")
    deadline = time.monotonic() + RECOVERY_SECONDS
    while bench.server.call("GET", bench.target.ready).status != 200:
        require(time.monotonic() < deadline, "it does not recover")
        time.sleep(0.2)
    return "503, then 200 again"


def errors_have_one_format(bench: Bench) -> str:
    """Every error has the one format: 401, 404, 405, 422 and 500 included."""
    headers = bench.headers()
    call = bench.server.call
    found = {
        401: call("GET", bench.target.me),
        404: call("GET", "/nowhere"),
        405: call("PUT", bench.target.live),
        422: call("POST", bench.target.register, body={}),
    }
    if bench.postgres:
        # Nobody foresees that the database goes away.
        with bench.without_database():
            found[500] = call("GET", bench.target.me, headers=headers)
        while call("GET", bench.target.ready).status != 200:
            time.sleep(0.2)
    else:
        found[500] = broken(bench)
    for status, answer in found.items():
        require(answer.status == status, f"{status} was expected, and came {answer.status}")
        kind = answer.headers.get("content-type", "").partition(";")[0]
        require(kind == PROBLEM, f"{status} is {kind}")
        require(PROBLEM_FIELDS <= answer.json().keys(), f"{status} has {sorted(answer.json())}")
    return " ".join(str(status) for status in sorted(found))


def broken(bench: Bench) -> Answer:
    """Give the answer of a service whose database has lost its tables."""
    lost = bench.folder / "lost.db"
    shutil.copy(bench.file, lost)
    with bench.make_server({"DATABASE_URL": f"sqlite:///{lost}"}) as server:
        form = {"username": "a@example.org", "password": PHRASE}
        with contextlib.closing(sqlite3.connect(lost)) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f'DROP TABLE "{table}"')  # noqa: S608
            connection.commit()
        return server.call("POST", bench.target.login, form=form)


PROBES: tuple[Callable[[Bench], str], ...] = (
    reuse_revokes_the_family,
    one_of_four_refreshes_succeeds,
    page_sizes_are_bounded,
    logins_take_the_same_time,
    reads_do_not_wait_for_logins,
    many_connections_at_once,
    tests_leave_the_database,
    health_is_not_limited,
    keys_make_requests_once,
    unsafe_secrets_do_not_start,
    readiness_follows_the_database,
    errors_have_one_format,
)


def probe(bench: Bench, only: str) -> int:
    """Run the probes, print a line for each, and count those that fail."""
    failed = passed = 0
    with bench.server:
        for one in PROBES:
            name = one.__name__.replace("_", "-")
            if only and only not in name:
                continue
            try:
                told = one(bench)
            except (Failure, OSError, KeyError, RuntimeError) as error:
                failed += 1
                print(f"FAIL  {name}: {error or type(error).__name__}", flush=True)
            else:
                passed += 1
                print(f"ok    {name}: {told}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed


@contextlib.contextmanager
def prepared(project: Path, target: Target, sqlite: bool) -> Iterator[Bench]:
    """Copy a project, and give it databases with its tables."""
    with contextlib.ExitStack() as stack:
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probes-"))) / "service"
        ignored = shutil.ignore_patterns(".git", ".venv", "*.db", "*.db-*", ".env", "__pycache__", ".mypy_cache")
        shutil.copytree(project, copy, symlinks=True, ignore=ignored)
        (copy / ".venv").symlink_to(project.resolve() / ".venv")
        server = None if sqlite else stack.enter_context(databases.postgres())
        if server is None and not sqlite:
            raise SystemExit("PostgreSQL is not installed: install it, or say --sqlite")
        bench = Bench(copy, target, server, stack.enter_context(databases.redis()))
        bench.run(target.migrate)
        yield bench


def main() -> int:
    """Copy the project, give it a database, and probe it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--target", type=Path, help="what differs from a generated service, as JSON")
    parser.add_argument("--only", default="", help="probes whose names contain this")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite, not on PostgreSQL")
    given = parser.parse_args()
    with prepared(given.project, Target.read(given.target), given.sqlite) as bench:
        return min(probe(bench, given.only), 1)


if __name__ == "__main__":
    sys.exit(main())
