"""What every generated service passes: formatters, linters, types, its own tests, migrations, our review, its contract."""

import json

import pytest
from cells import HERE
from conftest import SECRET, Service, architect, run
from databases import Postgres
from server import Server

RULES = "E,F,W,I,N,D,ANN,B,S,A,C4,UP,ASYNC,FAST,PL,RUF,DTZ"
EXAMPLES = "25"
PHRASE = "correct horse battery staple"


def test_formatters_and_linters_are_silent(service: Service) -> None:
    service.run("black", "--check", "--quiet", ".")
    service.run("flake8", "--max-line-length", "88", "app", "migrations", "tests")
    service.run("ruff", "check", "--quiet", ".")


def test_rules_are_not_switched_off(service: Service) -> None:
    """The linter again, without the configuration that the service brings."""
    convention = "lint.pydocstyle.convention='google'"
    service.run(
        *("ruff", "check", "--quiet", "--isolated", "--select", RULES),
        *("--config", convention, "--target-version", "py311", "app", "migrations"),
    )


def test_types_are_complete(service: Service) -> None:
    service.run("mypy", "--strict")


def test_its_own_tests_pass_on_sqlite(service: Service) -> None:
    """With coverage of at least 95 %, which its configuration asks for."""
    assert "--cov-fail-under=95" in (service.folder / "pyproject.toml").read_text()
    service.run("pytest", "-q")


def test_its_own_tests_pass_on_postgres(
    service: Service, postgres: Postgres, request: pytest.FixtureRequest
) -> None:
    if not service.cell.on_postgres:
        pytest.skip("made for SQLite")
    environment = service.environment()
    environment["TEST_DATABASE_URL"] = postgres.create("shop_test")
    if service.cell.size == "scaled":
        environment["TEST_REDIS_URL"] = request.getfixturevalue("redis")
    service.run("pytest", "-q", environment=environment)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_migrations_go_both_ways(
    service: Service, request: pytest.FixtureRequest, database: str
) -> None:
    url = f"sqlite:///{service.folder}/way.db"
    if database == "postgres":
        if not service.cell.on_postgres:
            pytest.skip("made for SQLite")
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create("shop_way")
    environment = service.environment(url)
    for arguments in (["upgrade", "head"], ["check"], ["downgrade", "base"], ["upgrade", "head"]):
        service.run("alembic", *arguments, environment=environment)


def test_our_review_finds_nothing(service: Service) -> None:
    # What is only asked for, how code is usually written here, is another matter.
    aside = ["--ignore", "convention-deviation,duplicate-helper"]
    review = json.loads(architect("review", ".", "--all", "--format", "json", *aside, folder=service.folder))
    assert review["findings"] == []


def test_its_contract_holds(service: Service, request: pytest.FixtureRequest) -> None:
    """Schemathesis finds no answer of 5xx and none that the document does not allow."""
    url = ""
    if service.cell.on_postgres:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create("shop_contract")
    redis = request.getfixturevalue("redis") if service.cell.size == "scaled" else ""
    environment = service.environment(url, redis) | {
        "LOGIN_ATTEMPTS_PER_MINUTE": "100000",
        "REGISTER_ATTEMPTS_PER_MINUTE": "100000",
        "REQUESTS_PER_MINUTE": "1000000",
        "PASSWORD_HASH_ROUNDS": "4",
    }
    service.run("alembic", "upgrade", "head", environment=environment)
    command = [str(service.programs / "uvicorn"), "app.main:app", "--port", "{port}"]
    with Server(service.folder, command, environment) as running:
        headers = []
        if service.cell.accounts:
            credentials = {"email": "a@example.org", "password": PHRASE}
            running.call("POST", "/api/v1/auth/register", body=credentials)
            form = {"username": "a@example.org", "password": PHRASE}
            tokens = running.call("POST", "/api/v1/auth/login", form=form).json()
            # Administrators reach everything.
            promote = ["-m", "app.cli", "promote", "a@example.org"]
            service.run("python", *promote, environment=environment)
            headers = ["-H", f"Authorization: Bearer {tokens['access_token']}"]
        document = f"http://127.0.0.1:{running.port}/openapi.json"
        options = ["--max-examples", EXAMPLES, "--seed", "1", "--no-color"]
        command = ["schemathesis", "--config-file", str(HERE / "schemathesis.toml"), "run"]
        run([*command, document, *options, *headers], service.folder)
    assert SECRET not in running.log.read_text()
