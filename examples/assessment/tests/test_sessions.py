import pytest


@pytest.fixture
def session(client, candidate, question):
    answer = client.post("/api/v1/sessions", json={"topic": "http"}, headers=candidate)
    assert answer.status_code == 201
    return answer.json()


def answer_question(client, headers, session, question):
    body = {"question_id": question["id"], "choice_id": question["choices"][0]["id"]}
    return client.post(f"/api/v1/sessions/{session['id']}/responses", json=body, headers=headers)


def test_take_a_test(client, candidate, admin, session, question):
    assert answer_question(client, candidate, session, question).status_code == 201
    assert answer_question(client, candidate, session, question).status_code == 409

    url = f"/api/v1/sessions/{session['id']}"
    assert len(client.get(f"{url}/responses", headers=candidate).json()) == 1
    assert client.post(f"{url}/finish", headers=candidate).json()["score"] == 100.0
    assert client.post(f"{url}/finish", headers=candidate).status_code == 409

    summaries = client.get("/api/v1/sessions", headers=candidate).json()
    assert [summary["answered"] for summary in summaries] == [1]
    events = client.get("/api/v1/admin/audit-events", headers=admin).json()
    assert [event["action"] for event in events] == ["session.notified"]


def test_sessions_are_private(client, editor, admin, session, question):
    assert client.get(f"/api/v1/sessions/{session['id']}", headers=editor).status_code == 404
    assert answer_question(client, editor, session, question).status_code == 404
    assert len(client.get("/api/v1/admin/sessions", headers=admin).json()) == 1


def test_no_questions(client, candidate):
    answer = client.post("/api/v1/sessions", json={"topic": "art"}, headers=candidate)
    assert answer.status_code == 409


def test_asked_questions_stay(client, editor, session, question):
    url = f"/api/v1/questions/{question['id']}"
    assert client.delete(url, headers=editor).status_code == 409
