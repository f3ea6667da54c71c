"""The engine and the ways in which this service comes by a session, right and wrong."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import Session, scoped_session, sessionmaker

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///blog.db"))
Factory = sessionmaker(bind=engine)
current_request: ContextVar[str] = ContextVar("current_request", default="")
registry = scoped_session(Factory, scopefunc=current_request.get)
Base = declarative_base()
metadata = Base.metadata


def get_db() -> Generator[Session, None, None]:
    """Closes whatever happens."""
    session = Factory()
    try:
        yield session
    finally:
        session.close()


def get_db_that_commits() -> Generator[Session, None, None]:
    """Commits when the response is on its way."""
    with Factory() as session:
        yield session
        session.commit()


def get_db_without_finally() -> Generator[Session, None, None]:
    """Does not close where the endpoint raises."""
    session = Factory()
    yield session
    session.close()


def get_db_returned() -> Session:
    """Nobody closes what it returns."""
    return Factory()


@contextmanager
def session_scope() -> Iterator[Session]:
    """One transaction."""
    session = Factory()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
