"""N venues with an event each, N bookings of each event."""

from typing import Any

from calls import Call

SCHEME = "sqlite+aiosqlite"


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "venues": [{"id": v + 1, "name": f"v{v}"} for v in range(n)],
        "events": [{"id": e + 1, "title": f"e{e}", "seats": 9, "venue_id": e + 1} for e in range(n)],
        "bookings": [{"id": e * n + b + 1, "guest": f"g{b}", "event_id": e + 1} for e in range(n) for b in range(n)],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Booking": n}


def calls(n: int) -> list[Call]:
    keys = "&".join(f"keys={e + 1}" for e in range(n))
    guests = [{"guest": f"new{g}"} for g in range(n)]
    return [
        Call("GET /events", "/events?limit=100"),
        Call("GET /events/guests", "/events/guests?limit=100"),
        Call("GET /events/guests/lost", "/events/guests/lost?limit=100"),
        Call("GET /events/guests/{guest}", "/events/guests/g0"),
        Call("GET /events/free", f"/events/free?{keys}"),
        Call("GET /events/free/slowly", f"/events/free/slowly?{keys}", rows={"keys": n}),
        Call("POST /events", json={"title": "new", "venue_id": 1}),
        Call("GET /events/{event_id}", "/events/1", failing="/events/0"),
        Call("GET /events/{event_id}/title", "/events/1/title", failing="/events/0/title"),
        Call("GET /events/{event_id}/guests", "/events/1/guests"),
        Call("POST /events/{event_id}/bookings", "/events/1/bookings", json=guests, rows={"bookings": n, "guests": n}),
        Call("DELETE /events/{event_id}", "/events/1"),
        Call("GET /venues"),
        Call("GET /venues/busy"),
        Call("GET /venues/sizes"),
    ]
