from tests.conftest import PASSWORD

ACCOUNT = {"email": "ada@example.com", "full_name": "Ada", "password": PASSWORD}
FORM = {"username": "ada@example.com", "password": PASSWORD}


def test_register_login_refresh(client):
    assert client.post("/api/v1/auth/register", json=ACCOUNT).status_code == 201
    assert client.post("/api/v1/auth/register", json=ACCOUNT).status_code == 409

    tokens = client.post("/api/v1/auth/login", data=FORM).json()
    body = {"refresh_token": tokens["refresh_token"]}
    fresh = client.post("/api/v1/auth/refresh", json=body).json()
    headers = {"Authorization": f"Bearer {fresh['access_token']}"}
    assert client.get("/api/v1/users/me", headers=headers).json()["full_name"] == "Ada"


def test_wrong_password(client, candidate):
    form = {"username": "candidate@example.com", "password": "wrong"}
    assert client.post("/api/v1/auth/login", data=form).status_code == 401


def test_access_token_does_not_refresh(client, candidate):
    body = {"refresh_token": candidate["Authorization"].removeprefix("Bearer ")}
    assert client.post("/api/v1/auth/refresh", json=body).status_code == 401


def test_health(client):
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").status_code == 200


def test_openapi(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert "/api/v1/sessions/{session_id}/responses" in paths
