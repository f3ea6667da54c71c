"""The engine, the base of all models, sessions."""

import os
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///tickets.db"))
make_session = async_sessionmaker(bind=engine)
metadata = Base.metadata


async def get_session() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        try:
            yield session
        finally:
            await session.close()
