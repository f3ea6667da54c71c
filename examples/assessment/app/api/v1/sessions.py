"""Test sessions."""

from fastapi import APIRouter, BackgroundTasks, status
from sqlalchemy import select

from app.api.deps import CurrentUser, PageDep, SessionDep
from app.models import AssessmentSession
from app.schemas.session import SessionCreate, SessionRead, SessionSummary
from app.services import sessions as session_service
from app.services.notifications import notify_session_finished

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.get("", operation_id="list_sessions")
def list_sessions(db: SessionDep, user: CurrentUser, page: PageDep) -> list[SessionSummary]:
    """List the caller's sessions, newest first."""
    sessions = db.scalars(
        select(AssessmentSession)
        .where(AssessmentSession.user_id == user.id)
        .order_by(AssessmentSession.id.desc())
        .limit(page.limit)
        .offset(page.offset)
    ).all()
    return [
        SessionSummary(
            id=session.id,
            status=session.status,
            started_at=session.started_at,
            score=session.score,
            answered=len(session.responses),
        )
        for session in sessions
    ]


@router.post("", response_model=SessionRead, status_code=status.HTTP_201_CREATED)
def start_session(data: SessionCreate, db: SessionDep, user: CurrentUser) -> AssessmentSession:
    """Start a session."""
    return session_service.start_session(db, user, data.topic)


@router.get("/{session_id}", response_model=SessionRead)
def read_session(session_id: int, db: SessionDep, user: CurrentUser) -> AssessmentSession:
    """Return one of the caller's sessions."""
    return session_service.get_own_session(db, user, session_id)


@router.post("/{session_id}/finish", response_model=SessionRead)
def finish_session(
    session_id: int, db: SessionDep, user: CurrentUser, background_tasks: BackgroundTasks
) -> AssessmentSession:
    """Finish a session and notify the caller of the score."""
    session = session_service.get_own_session(db, user, session_id)
    session_service.finish_session(db, session)
    background_tasks.add_task(notify_session_finished, db, session.id)
    return session
