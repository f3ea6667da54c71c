"""Database engine and sessions."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.core.config import settings


def build_engine(url: str) -> Engine:
    """Create an engine for a database URL.

    Args:
        url: An SQLAlchemy database URL.

    Returns:
        The engine, with foreign keys enforced on SQLite.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)

    sqlite_engine = create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(sqlite_engine, "connect")
    def enforce_foreign_keys(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=ON")

    return sqlite_engine


engine = build_engine(settings.DATABASE_URL)
SessionLocal = sessionmaker(bind=engine, autoflush=False, expire_on_commit=False)


def get_db() -> Iterator[Session]:
    """Yield a session for one request and close it afterwards."""
    with SessionLocal() as db:
        yield db
