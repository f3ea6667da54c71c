"""Responses within a session."""

from collections.abc import Sequence

from fastapi import APIRouter, status
from sqlalchemy import select

from app.api.deps import CurrentUser, PageDep, SessionDep
from app.models import Response
from app.schemas.session import ResponseCreate, ResponseRead
from app.services import sessions as session_service

router = APIRouter(prefix="/sessions/{session_id}/responses", tags=["responses"])


@router.get("", response_model=list[ResponseRead])
def list_responses(
    session_id: int, db: SessionDep, user: CurrentUser, page: PageDep
) -> Sequence[Response]:
    """List the answers given in one of the caller's sessions."""
    session = session_service.get_own_session(db, user, session_id)
    return db.scalars(
        select(Response)
        .where(Response.session_id == session.id)
        .order_by(Response.id)
        .limit(page.limit)
        .offset(page.offset)
    ).all()


@router.post("", response_model=ResponseRead, status_code=status.HTTP_201_CREATED)
def create_response(
    session_id: int, data: ResponseCreate, db: SessionDep, user: CurrentUser
) -> Response:
    """Answer a question of one of the caller's sessions."""
    session = session_service.get_own_session(db, user, session_id)
    return session_service.record_response(db, session, data)
