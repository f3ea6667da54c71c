"""What is asked of the database."""

from collections.abc import Sequence

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, func, select

from app.models import Course, CourseCreate, CourseUpdate, Enrollment, Page, Pupil, PupilCreate, PupilPublic


def page_of_pupils(session: Session, skip: int, limit: int) -> Page:
    count = session.exec(select(func.count()).select_from(Pupil)).one()
    found = session.exec(select(Pupil).order_by(col(Pupil.id)).offset(skip).limit(limit)).all()
    return Page(data=[PupilPublic.model_validate(pupil) for pupil in found], count=count)


def pupils(session: Session, limit: int = 200) -> Sequence[Pupil]:
    return session.exec(select(Pupil).order_by(col(Pupil.id)).limit(limit)).all()


def pupils_with_courses(session: Session, limit: int = 200) -> Sequence[Pupil]:
    courses = selectinload(Pupil.courses).options(joinedload(Course.teacher))
    return session.exec(select(Pupil).options(courses).order_by(col(Pupil.id)).limit(limit)).all()


def pupils_joined(session: Session, limit: int = 200) -> Sequence[Pupil]:
    courses = joinedload(Pupil.courses).joinedload(Course.teacher)
    return session.exec(select(Pupil).options(courses).order_by(col(Pupil.id)).limit(limit)).unique().all()


def create_course(session: Session, body: CourseCreate) -> Course:
    course = Course.model_validate(body)
    session.add(course)
    session.commit()
    session.refresh(course)
    return course


def update_course(session: Session, course: Course, body: CourseUpdate) -> Course:
    course.sqlmodel_update(body.model_dump(exclude_unset=True))
    session.add(course)
    session.commit()
    session.refresh(course)
    return course


def enroll(session: Session, body: PupilCreate) -> Pupil:
    courses = session.exec(select(Course).where(col(Course.id).in_(body.course_ids))).all()
    pupil = Pupil(name=body.name, courses=list(courses))
    session.add(pupil)
    session.commit()
    return pupil


def enroll_by_key(session: Session, pupil_id: int, course_ids: list[int]) -> int:
    for course_id in course_ids:
        session.add(Enrollment(pupil_id=pupil_id, course_id=course_id))
    session.commit()
    return len(course_ids)


def titles_of(session: Session, keys: list[int]) -> list[str]:
    out = []
    for key in keys:
        course = session.get(Course, key)
        if course:
            out.append(course.title)
    return out
