"""Questions."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, status
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.api.deps import CurrentUser, EditorUser, SessionDep
from app.models import Question
from app.schemas.question import QuestionCreate, QuestionRead, QuestionUpdate
from app.services import questions as question_service

router = APIRouter(prefix="/questions", tags=["questions"])


@router.get("", response_model=list[QuestionRead])
def list_questions(
    db: SessionDep,
    _user: EditorUser,
    topic: str | None = None,
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0),
) -> Sequence[Question]:
    """List questions, published or not."""
    query = (
        select(Question)
        .options(selectinload(Question.choices))
        .order_by(Question.created_at, Question.id)
        .limit(limit)
        .offset(offset)
    )
    if topic is not None:
        query = query.where(Question.topic == topic)
    return db.scalars(query).all()


@router.post("", response_model=QuestionRead, status_code=status.HTTP_201_CREATED)
def create_question(data: QuestionCreate, db: SessionDep, user: EditorUser) -> Question:
    """Create a question."""
    return question_service.create_question(db, user, data)


@router.get("/{question_id}", response_model=QuestionRead)
def read_question(question_id: str, db: SessionDep, _user: CurrentUser) -> Question:
    """Return a question."""
    return question_service.get_question(db, question_id)


@router.get("/random", response_model=list[QuestionRead])
def read_random_questions(
    db: SessionDep,
    _user: CurrentUser,
    topic: str | None = None,
    count: Annotated[int, Query(ge=1, le=20)] = 1,
) -> Sequence[Question]:
    """Return random published questions to practise with."""
    return question_service.pick_random(db, topic, count)


@router.patch("/{question_id}", response_model=QuestionRead)
def update_question(
    question_id: str, data: QuestionUpdate, db: SessionDep, _user: EditorUser
) -> Question:
    """Change a question."""
    return question_service.update_question(db, question_id, data)


@router.delete("/{question_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_question(question_id: str, db: SessionDep) -> None:
    """Delete a question."""
    question_service.delete_question(db, question_id)
