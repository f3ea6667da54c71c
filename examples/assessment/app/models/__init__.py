"""Database models."""

from app.models.audit import AuditEvent
from app.models.base import Base
from app.models.preference import NotificationPreference
from app.models.question import Choice, Difficulty, Question
from app.models.response import Response
from app.models.session import AssessmentSession, SessionQuestion, SessionStatus
from app.models.user import Role, User

__all__ = [
    "AssessmentSession",
    "AuditEvent",
    "Base",
    "Choice",
    "Difficulty",
    "NotificationPreference",
    "Question",
    "Response",
    "Role",
    "SessionQuestion",
    "SessionStatus",
    "User",
]
