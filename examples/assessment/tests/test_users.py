def test_profile(client, candidate):
    answer = client.patch("/api/v1/users/me", json={"full_name": "Grace"}, headers=candidate)
    assert answer.json()["full_name"] == "Grace"
    assert client.get("/api/v1/users/me").status_code == 401


def test_only_admins_list_users(client, candidate, admin):
    assert client.get("/api/v1/users", headers=candidate).status_code == 403
    users = client.get("/api/v1/users", headers=admin).json()
    assert [user["role"] for user in users] == ["candidate", "admin"]
    assert client.get("/api/v1/users/99", headers=admin).status_code == 404


def test_preferences(client, candidate):
    url = "/api/v1/users/me/preferences"
    assert client.get(url, headers=candidate).json()["session_finished"] is True
    wanted = {"email_enabled": True, "session_finished": False, "weekly_summary": True}
    assert client.put(url, json=wanted, headers=candidate).json() == wanted
    assert client.get(url, headers=candidate).json() == wanted


def test_admin_changes_role(client, candidate, admin):
    url = "/api/v1/admin/users/1/role"
    assert client.put(url, json={"role": "editor"}, headers=candidate).status_code == 403
    assert client.put(url, json={"role": "editor"}, headers=admin).json()["role"] == "editor"
    events = client.get("/api/v1/admin/audit-events", headers=admin).json()
    assert [event["detail"] for event in events] == ["user 1: candidate -> editor"]


def test_admin_deactivates(client, candidate, admin):
    assert client.post("/api/v1/admin/users/1/deactivate", headers=admin).status_code == 200
    assert client.get("/api/v1/users/me", headers=candidate).status_code == 401
