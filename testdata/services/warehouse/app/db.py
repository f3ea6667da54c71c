"""The engine, connections and sessions."""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Connection, create_engine
from sqlalchemy.orm import Session, sessionmaker

from app import models

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///warehouse.db"))
metadata = models.metadata
begin = sessionmaker(engine).begin


def connection() -> Iterator[Connection]:
    with engine.connect() as connected:
        yield connected


def transaction() -> Iterator[Session]:
    with begin() as session:
        yield session


Connected = Annotated[Connection, Depends(connection)]
Tx = Annotated[Session, Depends(transaction, scope="function")]
