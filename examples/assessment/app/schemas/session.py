"""Bodies of the session and response endpoints."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.models import SessionStatus


class SessionCreate(BaseModel):
    """A request to start a session."""

    topic: str | None = Field(default=None, max_length=64)


class SessionItemRead(BaseModel):
    """A question's place in a session."""

    model_config = ConfigDict(from_attributes=True)

    question_id: str
    position: int


class SessionRead(BaseModel):
    """A session with its questions."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    user_id: int
    topic: str | None
    status: SessionStatus
    started_at: datetime
    finished_at: datetime | None
    score: float | None
    items: list[SessionItemRead]


class SessionSummary(BaseModel):
    """A session in a list."""

    id: int
    status: SessionStatus
    started_at: datetime
    score: float | None
    answered: int


class ResponseCreate(BaseModel):
    """An answer to one question."""

    question_id: str
    choice_id: int


class ResponseRead(BaseModel):
    """A recorded answer."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    question_id: str
    choice_id: int
    answered_at: datetime
