"""Fixtures: a fresh database, a client and users of each role."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ["ASSESSMENT_DATABASE_URL"] = (
    f"sqlite:///{Path(tempfile.mkdtemp(prefix='assessment-')) / 'test.db'}"
)
os.environ["ASSESSMENT_BCRYPT_ROUNDS"] = "4"

from fastapi.testclient import TestClient  # noqa: E402

from app.core.db import SessionLocal, engine  # noqa: E402
from app.main import create_app  # noqa: E402
from app.models import Base, Role  # noqa: E402
from app.schemas.user import UserCreate  # noqa: E402
from app.services import users as user_service  # noqa: E402

PASSWORD = "correct horse battery"
Headers = dict[str, str]


@pytest.fixture(autouse=True)
def database() -> Iterator[None]:
    Base.metadata.create_all(engine)
    yield
    Base.metadata.drop_all(engine)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app()) as client:
        yield client


@pytest.fixture
def login(client: TestClient) -> Callable[[Role], Headers]:
    def create_and_login(role: Role) -> Headers:
        email = f"{role}@example.com"
        with SessionLocal() as db:
            data = UserCreate(email=email, full_name=role.title(), password=PASSWORD)
            user_service.register(db, data, role=role)
        answer = client.post("/api/v1/auth/login", data={"username": email, "password": PASSWORD})
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return create_and_login


@pytest.fixture
def candidate(login: Callable[[Role], Headers]) -> Headers:
    return login(Role.CANDIDATE)


@pytest.fixture
def editor(login: Callable[[Role], Headers]) -> Headers:
    return login(Role.EDITOR)


@pytest.fixture
def admin(login: Callable[[Role], Headers]) -> Headers:
    return login(Role.ADMIN)


@pytest.fixture
def question(client: TestClient, editor: Headers) -> dict:
    body = {
        "topic": "http",
        "text": "Which method is idempotent?",
        "is_published": True,
        "choices": [{"text": "PUT", "is_correct": True}, {"text": "POST"}],
    }
    answer = client.post("/api/v1/questions", json=body, headers=editor)
    assert answer.status_code == 201
    return answer.json()
