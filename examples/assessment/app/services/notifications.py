"""Notifications to users."""

import logging

from sqlalchemy.orm import Session

from app.models import AssessmentSession, AuditEvent, User

logger = logging.getLogger(__name__)


def send_email(user: User, subject: str) -> None:
    """Hand an e-mail to the mail relay."""
    logger.info("mail to user %s: %s", user.id, subject)


def notify_session_finished(db: Session, session_id: int) -> None:
    """Tell a user their result, if they want to know.

    Args:
        db: The database session.
        session_id: The finished session.
    """
    session = db.get(AssessmentSession, session_id)
    if session is None:
        return
    preference = session.user.preference
    if preference is None or not (preference.email_enabled and preference.session_finished):
        return
    send_email(session.user, f"Your score is {session.score}")
    db.add(
        AuditEvent(actor_id=None, action="session.notified", detail=f"session {session.id}")
    )
    db.commit()
