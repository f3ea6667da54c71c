import uuid
from typing import Generic

from fastapi_users.authentication.strategy.db import AP
from fastapi_users.models import ID
from fastapi_users_db_sqlalchemy.generics import GUID, TIMESTAMPAware
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class SQLAlchemyBaseAccessTokenTable(Generic[ID]):
    __tablename__ = "accesstoken"

    token: Mapped[str] = mapped_column(String(length=43), primary_key=True)
    created_at = mapped_column(TIMESTAMPAware(timezone=True), index=True, nullable=False)


class SQLAlchemyBaseAccessTokenTableUUID(SQLAlchemyBaseAccessTokenTable[uuid.UUID]):
    @declared_attr
    def user_id(cls) -> Mapped[GUID]:
        return mapped_column(GUID, ForeignKey("user.id", ondelete="cascade"), nullable=False)


class SQLAlchemyAccessTokenDatabase(Generic[AP]):
    def __init__(self, session, access_token_table):
        self.session = session
        self.access_token_table = access_token_table
