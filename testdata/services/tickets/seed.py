"""N agents with a ticket each, N comments on each ticket."""

from typing import Any

from calls import Call

SCHEME = "sqlite+aiosqlite"


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    comments = [{"id": t * n + c + 1, "ticket_id": t + 1, "text": "hm"} for t in range(n) for c in range(n)]
    return {
        "agents": [{"id": a + 1, "name": f"a{a}"} for a in range(n)],
        "tickets": [{"id": t + 1, "title": f"t{t}", "state": "open", "agent_id": t + 1} for t in range(n)],
        "comments": comments,
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Ticket": 1, "Comment": n}


def calls(n: int) -> list[Call]:
    body = {"title": "new"}
    return [
        Call("GET /tickets"),
        Call("POST /tickets", json=body),
        Call("POST /tickets/fresh", json=body),
        Call("POST /tickets/many", json=[body] * n, rows={"bodies": n}),
        Call("POST /tickets/each", json=[body] * n, rows={"bodies": n}),
        Call("POST /tickets/new", json=[body] * n, rows={"bodies": n}),
        Call("POST /tickets/{key}/close", "/tickets/1/close", failing="/tickets/0/close"),
        Call("POST /tickets/close"),
        Call("POST /tickets/{key}/comments", "/tickets/1/comments", json={"text": "hm"}),
        Call("POST /tickets/{key}/notification", "/tickets/1/notification", failing="/tickets/0/notification"),
        Call("POST /tickets/{key}/reminder", "/tickets/1/reminder"),
        Call("GET /tickets/tally"),
        Call("POST /tickets/lookup", json=list(range(1, n + 1)), rows={"keys": n}),
        Call("DELETE /tickets/{key}", "/tickets/1"),
        Call("GET /figures"),
        Call("GET /export"),
        Call("GET /export/held"),
        Call("GET /export/released"),
        Call("GET /boards"),
        Call("GET /boards/refreshed"),
    ]
