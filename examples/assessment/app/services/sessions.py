"""Operations on test sessions and their responses."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.core.config import settings
from app.core.errors import ConflictError, NotFoundError
from app.models import AssessmentSession, Choice, Response, SessionQuestion, SessionStatus, User
from app.models.base import utcnow
from app.schemas.session import ResponseCreate
from app.services import questions as question_service


def get_own_session(db: Session, user: User, session_id: int) -> AssessmentSession:
    """Return one of a user's sessions.

    Raises:
        NotFoundError: If the session does not exist or belongs to somebody else.
    """
    session = db.scalar(
        select(AssessmentSession)
        .where(AssessmentSession.id == session_id, AssessmentSession.user_id == user.id)
        .options(selectinload(AssessmentSession.items))
    )
    if session is None:
        raise NotFoundError("Session not found")
    return session


def start_session(db: Session, user: User, topic: str | None) -> AssessmentSession:
    """Start a session with random questions.

    Args:
        db: The database session.
        user: Who takes the test.
        topic: Restricts the questions to a topic.

    Returns:
        The new session.

    Raises:
        ConflictError: If no published question fits.
    """
    picked = question_service.pick_random(db, topic, settings.QUESTIONS_PER_SESSION)
    if not picked:
        raise ConflictError("There are no published questions for this topic")
    session = AssessmentSession(
        user_id=user.id,
        topic=topic,
        items=[
            SessionQuestion(question_id=question.id, position=position)
            for position, question in enumerate(picked)
        ],
    )
    db.add(session)
    db.commit()
    return session


def record_response(
    db: Session, session: AssessmentSession, data: ResponseCreate
) -> Response:
    """Record the answer to one of a session's questions.

    Raises:
        NotFoundError: If the question is not part of the session, or the choice
            not part of the question.
        ConflictError: If the session is finished or the question answered.
    """
    if session.status is SessionStatus.FINISHED:
        raise ConflictError("Session is finished")
    if data.question_id not in {item.question_id for item in session.items}:
        raise NotFoundError("Question is not part of this session")
    choice = db.get(Choice, data.choice_id)
    if choice is None or choice.question_id != data.question_id:
        raise NotFoundError("Choice not found")
    answered = db.scalar(
        select(Response.id).where(
            Response.session_id == session.id, Response.question_id == data.question_id
        )
    )
    if answered is not None:
        raise ConflictError("Question is already answered")
    response = Response(
        session_id=session.id,
        question_id=data.question_id,
        choice_id=choice.id,
        is_correct=choice.is_correct,
    )
    db.add(response)
    db.commit()
    return response


def finish_session(db: Session, session: AssessmentSession) -> AssessmentSession:
    """Finish a session and compute its score.

    Raises:
        ConflictError: If the session is already finished.
    """
    if session.status is SessionStatus.FINISHED:
        raise ConflictError("Session is finished")
    correct = sum(response.is_correct for response in session.responses)
    session.score = round(100 * correct / len(session.items), 1)
    session.status = SessionStatus.FINISHED
    session.finished_at = utcnow()
    db.commit()
    return session
