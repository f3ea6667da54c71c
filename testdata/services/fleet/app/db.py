"""The engine and the base of all models."""

import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, sessionmaker


class Base(MappedAsDataclass, DeclarativeBase):
    pass


engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///fleet.db"))
factory = sessionmaker(engine, autoflush=False, expire_on_commit=False)
metadata = Base.metadata
