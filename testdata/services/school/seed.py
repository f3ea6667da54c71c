"""N pupils in a course each, N courses with a teacher each."""

from typing import Any

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "teacher": [{"id": t + 1, "name": f"t{t}"} for t in range(n)],
        "course": [{"id": c + 1, "title": f"c{c}", "teacher_id": c + 1} for c in range(n)],
        "pupil": [{"id": p + 1, "name": f"p{p}"} for p in range(n)],
        "enrollment": [{"pupil_id": p + 1, "course_id": p + 1} for p in range(n)],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Course": 1, "Pupil": 1}


def calls(n: int) -> list[Call]:
    keys = [c + 1 for c in range(n)]
    course = {"title": "new", "teacher_id": 1}
    return [
        Call("GET /pupils"),
        Call("GET /pupils/courses"),
        Call("GET /pupils/courses/loaded"),
        Call("GET /pupils/courses/joined"),
        Call("POST /pupils", json={"name": "new", "course_ids": keys}),
        Call("POST /pupils/{pupil_id}/courses", "/pupils/1/courses", json=keys[1:] + [n + 1], rows={"course_ids": n}),
        Call("DELETE /pupils/{pupil_id}", "/pupils/1"),
        Call("GET /courses"),
        Call("GET /courses/titles"),
        Call("POST /courses/titles", json=keys, rows={"keys": n}),
        Call("GET /courses/{course_id}", "/courses/1"),
        Call("POST /courses", json=course),
        Call("PATCH /courses/{course_id}", "/courses/1", json={"title": "other"}),
        Call("DELETE /teachers/{teacher_id}", "/teachers/1"),
        Call("GET /teachers/by-name/{name}", "/teachers/by-name/t0"),
    ]
