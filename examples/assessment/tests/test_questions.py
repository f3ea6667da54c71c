def test_create_and_read(client, candidate, question):
    answer = client.get(f"/api/v1/questions/{question['id']}", headers=candidate)
    assert answer.json() == question
    assert "is_correct" not in answer.json()["choices"][0]


def test_candidates_may_not_write(client, candidate, question):
    url = f"/api/v1/questions/{question['id']}"
    assert client.patch(url, json={"topic": "rest"}, headers=candidate).status_code == 403
    assert client.get("/api/v1/questions", headers=candidate).status_code == 403


def test_update_and_list(client, editor, question):
    url = f"/api/v1/questions/{question['id']}"
    assert client.patch(url, json={"topic": "rest"}, headers=editor).json()["topic"] == "rest"
    listed = client.get("/api/v1/questions", params={"topic": "rest"}, headers=editor).json()
    assert [item["id"] for item in listed] == [question["id"]]


def test_one_choice_is_correct(client, editor):
    body = {"topic": "http", "text": "?", "choices": [{"text": "a"}, {"text": "b"}]}
    assert client.post("/api/v1/questions", json=body, headers=editor).status_code == 422


def test_delete(client, editor, question):
    url = f"/api/v1/questions/{question['id']}"
    assert client.delete(url, headers=editor).status_code == 204
    assert client.get(url, headers=editor).status_code == 404
