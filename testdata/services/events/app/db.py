"""The engine and sessions."""

import os
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import sessionmaker
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///events.db"))
async_session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
metadata = SQLModel.metadata


async def get_session() -> AsyncGenerator[AsyncSession, None]:
    session = async_session()
    try:
        yield session
    except Exception:
        await session.rollback()
        raise
    finally:
        await session.close()


async def get_open_session() -> AsyncGenerator[AsyncSession, None]:
    session = async_session()
    yield session
    await session.close()


Db = Annotated[AsyncSession, Depends(get_session)]
OpenDb = Annotated[AsyncSession, Depends(get_open_session)]
