"""Administration."""

import csv
import io
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.api.deps import AdminUser, AuditedSessionDep, PageDep, SessionDep
from app.api.v1.questions import list_questions
from app.models import AssessmentSession, AuditEvent, User
from app.schemas.admin import AuditEventRead
from app.schemas.session import SessionRead
from app.schemas.user import RoleUpdate, UserRead
from app.services import users as user_service

router = APIRouter(prefix="/admin", tags=["admin"])


@router.put("/users/{user_id}/role", response_model=UserRead)
def change_role(user_id: int, data: RoleUpdate, admin: AdminUser, db: AuditedSessionDep) -> User:
    """Change a user's role."""
    return user_service.change_role(db, admin, user_id, data.role)


@router.post("/users/{user_id}/deactivate", response_model=UserRead)
def deactivate_user(user_id: int, admin: AdminUser, db: AuditedSessionDep) -> User:
    """Deactivate a user."""
    return user_service.deactivate(db, admin, user_id)


@router.get("/sessions", response_model=list[SessionRead], operation_id="list_sessions")
def list_all_sessions(
    db: SessionDep, _admin: AdminUser, page: PageDep
) -> Sequence[AssessmentSession]:
    """List everybody's sessions, newest first."""
    return db.scalars(
        select(AssessmentSession)
        .options(selectinload(AssessmentSession.items))
        .order_by(AssessmentSession.id.desc())
        .limit(page.limit)
        .offset(page.offset)
    ).all()


@router.get("/audit-events", response_model=list[AuditEventRead])
def list_audit_events(db: SessionDep, _admin: AdminUser, page: PageDep) -> Sequence[AuditEvent]:
    """List the audit trail, newest first."""
    return db.scalars(
        select(AuditEvent)
        .order_by(AuditEvent.id.desc())
        .limit(page.limit)
        .offset(page.offset)
    ).all()


@router.get("/questions/export", response_class=PlainTextResponse)
def export_questions(db: SessionDep, admin: AdminUser, topic: str | None = None) -> str:
    """Export questions as comma-separated values."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "topic", "difficulty", "text"])
    for question in list_questions(db, admin, topic=topic):
        writer.writerow([question.id, question.topic, question.difficulty, question.text])
    return out.getvalue()
