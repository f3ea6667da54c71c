"""The engine, the base of all models, one session a request."""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker


class Base(DeclarativeBase):
    pass


engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///shop.db"))
new_session = sessionmaker(engine)
metadata = Base.metadata


def session_of_request() -> Iterator[Session]:
    with new_session() as session:
        yield session


Db = Annotated[Session, Depends(session_of_request)]
