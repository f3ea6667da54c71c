"""The school's API."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from sqlmodel import col, select

from app import crud
from app.db import SessionDep
from app.models import (
    Course,
    CourseCreate,
    CoursePublic,
    CourseUpdate,
    CourseWithPupils,
    CourseWithTeacher,
    Page,
    Pupil,
    PupilCreate,
    PupilPublic,
    PupilWithCourses,
    Teacher,
    TeacherPublic,
)

app = FastAPI(title="School")


@app.get("/pupils", response_model=Page)
def list_pupils(
    session: SessionDep, skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page:
    return crud.page_of_pupils(session, skip, limit)


@app.get("/pupils/courses", response_model=list[PupilWithCourses])
def list_pupils_with_courses(session: SessionDep) -> Sequence[Pupil]:
    return crud.pupils(session)


@app.get("/pupils/courses/loaded", response_model=list[PupilWithCourses])
def list_pupils_with_courses_loaded(session: SessionDep) -> Sequence[Pupil]:
    return crud.pupils_with_courses(session)


@app.get("/pupils/courses/joined", response_model=list[PupilWithCourses])
def list_pupils_with_courses_joined(session: SessionDep) -> Sequence[Pupil]:
    return crud.pupils_joined(session)


@app.post("/pupils", response_model=PupilPublic, status_code=201)
def create_pupil(body: PupilCreate, session: SessionDep) -> Pupil:
    return crud.enroll(session, body)


@app.post("/pupils/{pupil_id}/courses")
def enroll(pupil_id: int, course_ids: list[int], session: SessionDep) -> int:
    if not session.get(Pupil, pupil_id):
        raise HTTPException(404, "No such pupil")
    return crud.enroll_by_key(session, pupil_id, course_ids)


@app.delete("/pupils/{pupil_id}", status_code=204)
def remove_pupil(pupil_id: int, session: SessionDep) -> None:
    pupil = session.get(Pupil, pupil_id)
    if not pupil:
        raise HTTPException(404, "No such pupil")
    session.delete(pupil)
    session.commit()


@app.get("/courses", response_model=list[CourseWithTeacher])
def list_courses(session: SessionDep) -> Sequence[Course]:
    return session.exec(select(Course).order_by(col(Course.title)).limit(500)).all()


@app.get("/courses/titles")
def list_titles(session: SessionDep) -> Sequence[str]:
    return session.exec(select(Course.title).order_by(Course.title).limit(500)).all()


@app.post("/courses/titles")
def read_titles(keys: list[int], session: SessionDep) -> list[str]:
    return crud.titles_of(session, keys)


@app.get("/courses/{course_id}", response_model=CourseWithPupils)
def read_course(course_id: int, session: SessionDep) -> Course:
    course = session.get(Course, course_id)
    if not course:
        raise HTTPException(404, "No such course")
    return course


@app.post("/courses", response_model=CoursePublic, status_code=201)
def create_course(body: CourseCreate, session: SessionDep) -> Course:
    return crud.create_course(session, body)


@app.patch("/courses/{course_id}", response_model=CoursePublic)
def update_course(course_id: int, body: CourseUpdate, session: SessionDep) -> Course:
    course = session.get(Course, course_id)
    if not course:
        raise HTTPException(404, "No such course")
    return crud.update_course(session, course, body)


@app.delete("/teachers/{teacher_id}", status_code=204)
def remove_teacher(teacher_id: int, session: SessionDep) -> None:
    teacher = session.get(Teacher, teacher_id)
    if not teacher:
        raise HTTPException(404, "No such teacher")
    session.delete(teacher)
    session.commit()


@app.get("/teachers/by-name/{name}", response_model=TeacherPublic)
def read_teacher(name: str, session: SessionDep) -> Teacher:
    teacher = session.exec(select(Teacher).where(Teacher.name == name)).first()
    if not teacher:
        raise HTTPException(404, "No such teacher")
    return teacher
