"""Bodies of the report endpoints."""

from pydantic import BaseModel


class TopicReport(BaseModel):
    """How sessions on a topic went."""

    topic: str | None
    sessions: int
    average_score: float


class QuestionReport(BaseModel):
    """How often a question was answered, and how well."""

    question_id: str
    answers: int
    correct: int
