"""The engine, the base of all models, one session a request."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class Base(AsyncAttrs, DeclarativeBase):
    pass


engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///clinic.db"))
sessions = async_sessionmaker(engine, expire_on_commit=False)
metadata = Base.metadata


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_session)]
