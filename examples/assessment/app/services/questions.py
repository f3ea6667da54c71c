"""Operations on questions."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.core.errors import ConflictError, NotFoundError
from app.models import Choice, Question, SessionQuestion, User
from app.schemas.question import QuestionCreate, QuestionUpdate


def get_question(db: Session, question_id: str) -> Question:
    """Return a question with its choices.

    Raises:
        NotFoundError: If there is none with this id.
    """
    question = db.get(Question, question_id, options=[selectinload(Question.choices)])
    if question is None:
        raise NotFoundError("Question not found")
    return question


def pick_random(db: Session, topic: str | None, count: int) -> list[Question]:
    """Return published questions in random order.

    Args:
        db: The database session.
        topic: Restricts the questions to a topic.
        count: How many questions to return at most.
    """
    query = (
        select(Question)
        .where(Question.is_published)
        .options(selectinload(Question.choices))
        .order_by(func.random())
        .limit(count)
    )
    if topic is not None:
        query = query.where(Question.topic == topic)
    return list(db.scalars(query))


def create_question(db: Session, author: User, data: QuestionCreate) -> Question:
    """Create a question with its choices."""
    question = Question(
        topic=data.topic,
        text=data.text,
        difficulty=data.difficulty,
        is_published=data.is_published,
        author_id=author.id,
        choices=[
            Choice(position=position, text=choice.text, is_correct=choice.is_correct)
            for position, choice in enumerate(data.choices)
        ],
    )
    db.add(question)
    db.commit()
    return question


def update_question(db: Session, question_id: str, data: QuestionUpdate) -> Question:
    """Change a question."""
    question = get_question(db, question_id)
    for field, value in data.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(question, field, value)
    db.commit()
    return question


def delete_question(db: Session, question_id: str) -> None:
    """Delete a question no session has asked.

    Raises:
        NotFoundError: If there is none with this id.
        ConflictError: If a session has asked it.
    """
    question = get_question(db, question_id)
    used = db.scalar(
        select(SessionQuestion.session_id)
        .where(SessionQuestion.question_id == question_id)
        .limit(1)
    )
    if used is not None:
        raise ConflictError("Question is part of a session")
    db.delete(question)
    db.commit()
