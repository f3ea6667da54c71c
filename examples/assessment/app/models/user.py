"""Users."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sqlalchemy import Enum, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, TimestampMixin

if TYPE_CHECKING:
    from app.models.preference import NotificationPreference
    from app.models.session import AssessmentSession


class Role(enum.StrEnum):
    """What a user may do."""

    CANDIDATE = "candidate"
    EDITOR = "editor"
    ADMIN = "admin"


class User(TimestampMixin, Base):
    """A person with an account."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True, index=True)
    full_name: Mapped[str] = mapped_column(String(120))
    hashed_password: Mapped[str] = mapped_column(String(60))
    role: Mapped[Role] = mapped_column(Enum(Role, native_enum=False, length=16), default=Role.CANDIDATE)
    is_active: Mapped[bool] = mapped_column(default=True)

    sessions: Mapped[list[AssessmentSession]] = relationship(back_populates="user")
    preference: Mapped[NotificationPreference | None] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )
