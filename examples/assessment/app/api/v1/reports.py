"""Reports on results."""

from fastapi import APIRouter
from sqlalchemy import Integer, cast, func, select

from app.api.deps import AdminUser, EditorUser, PageDep, SessionDep
from app.core.errors import NotFoundError
from app.models import AssessmentSession, Response, SessionStatus
from app.schemas.report import QuestionReport, TopicReport

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/topics")
def report_topics(db: SessionDep, _admin: AdminUser, page: PageDep) -> list[TopicReport]:
    """Report the average score by topic."""
    rows = db.execute(
        select(
            AssessmentSession.topic,
            func.count(AssessmentSession.id),
            func.avg(AssessmentSession.score),
        )
        .where(AssessmentSession.status == SessionStatus.FINISHED)
        .group_by(AssessmentSession.topic)
        .order_by(AssessmentSession.topic)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [
        TopicReport(topic=topic, sessions=count, average_score=average)
        for topic, count, average in rows
    ]


@router.get("/questions/{question_id}")
def report_question(question_id: str, db: SessionDep, _user: EditorUser) -> QuestionReport:
    """Report how well a question is answered."""
    answers, correct = db.execute(
        select(func.count(Response.id), func.sum(cast(Response.is_correct, Integer))).where(
            Response.question_id == question_id
        )
    ).one()
    if not answers:
        raise NotFoundError("Question has no answers")
    return QuestionReport(question_id=question_id, answers=answers, correct=correct)
