"""Test sessions: one user's attempt at a set of questions."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Enum, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, utcnow

if TYPE_CHECKING:
    from app.models.question import Question
    from app.models.response import Response
    from app.models.user import User


class SessionStatus(enum.StrEnum):
    """Where a session stands."""

    IN_PROGRESS = "in_progress"
    FINISHED = "finished"


class AssessmentSession(Base):
    """One user's attempt at a set of questions."""

    __tablename__ = "assessment_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    topic: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[SessionStatus] = mapped_column(
        Enum(SessionStatus, native_enum=False, length=16), default=SessionStatus.IN_PROGRESS
    )
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    score: Mapped[float | None] = mapped_column(Float)

    user: Mapped[User] = relationship(back_populates="sessions")
    items: Mapped[list[SessionQuestion]] = relationship(
        back_populates="session",
        cascade="all, delete-orphan",
        order_by="SessionQuestion.position",
    )
    responses: Mapped[list[Response]] = relationship(
        back_populates="session", cascade="all, delete-orphan"
    )


class SessionQuestion(Base):
    """A question asked in a session."""

    __tablename__ = "session_questions"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("assessment_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("questions.id"), primary_key=True, index=True
    )
    position: Mapped[int]

    session: Mapped[AssessmentSession] = relationship(back_populates="items")
    question: Mapped[Question] = relationship()
