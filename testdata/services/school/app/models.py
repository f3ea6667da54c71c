"""Pupils, what they learn, and who teaches it: tables and what is answered."""

from sqlmodel import Field, Relationship, SQLModel


class Enrollment(SQLModel, table=True):
    pupil_id: int = Field(foreign_key="pupil.id", primary_key=True)
    course_id: int = Field(foreign_key="course.id", primary_key=True, index=True)


class TeacherBase(SQLModel):
    name: str = Field(max_length=100)


class Teacher(TeacherBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    courses: list["Course"] = Relationship(back_populates="teacher")


class CourseBase(SQLModel):
    title: str = Field(max_length=100)
    teacher_id: int = Field(foreign_key="teacher.id", index=True)


class Course(CourseBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    teacher: Teacher = Relationship(back_populates="courses")
    pupils: list["Pupil"] = Relationship(back_populates="courses", link_model=Enrollment)


class PupilBase(SQLModel):
    name: str = Field(max_length=100)


class Pupil(PupilBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    courses: list[Course] = Relationship(back_populates="pupils", link_model=Enrollment)


class TeacherPublic(TeacherBase):
    id: int


class CourseCreate(CourseBase):
    pass


class CourseUpdate(SQLModel):
    title: str | None = Field(default=None, max_length=100)


class CoursePublic(CourseBase):
    id: int


class CourseWithTeacher(CoursePublic):
    teacher: TeacherPublic


class PupilCreate(PupilBase):
    course_ids: list[int] = Field(default=[], max_length=200)


class PupilPublic(PupilBase):
    id: int


class PupilWithCourses(PupilPublic):
    courses: list[CourseWithTeacher]


class CourseWithPupils(CoursePublic):
    pupils: list[PupilPublic]


class Page(SQLModel):
    data: list[PupilPublic]
    count: int
