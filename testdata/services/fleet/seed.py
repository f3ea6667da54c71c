"""N depots below none with a depot below each, N vehicles of the first, N trips of the first vehicle."""

from typing import Any

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    below = [{"id": n + d + 1, "name": f"b{d}", "parent_id": d + 1} for d in range(n)]
    return {
        "depots": [{"id": d + 1, "name": f"d{d}", "parent_id": None} for d in range(n)] + below,
        "vehicle_types": [{"id": 1, "name": "van"}],
        "vehicles": [
            {"id": v + 1, "plate": f"v{v}", "depot_id": n + 1, "kind": "vehicle", "type_id": 1} for v in range(n)
        ],
        "trips": [{"id": t + 1, "vehicle_id": 1, "distance": 9, "version": 1} for t in range(n)],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Depot": 1}


def calls(n: int) -> list[Call]:
    truck = {"plate": "new", "depot_id": 1, "load": 3, "trips": [{"distance": 1}] * n}
    return [
        Call("GET /vehicles"),
        Call("GET /vehicles/types"),
        Call("GET /trucks"),
        Call("POST /trucks", json=truck, rows={"body.trips": n, "trips": n}),
        Call("GET /vehicles/{plate}/distance", "/vehicles/v0/distance", failing="/vehicles/none/distance"),
        Call("POST /vehicles/{plate}/trips", "/vehicles/v0/trips", json={"distance": 5}),
        Call("PUT /vehicles/{plate}/trips", "/vehicles/v0/trips", json={"distance": 5}),
        Call("DELETE /vehicles/{plate}", "/vehicles/v0"),
        Call("GET /depots", rows={"Depot": n}),
        Call("GET /depots/loaded"),
        Call("GET /depots/plates", rows={"Depot": n}),
        Call("GET /vehicles/{plate}/depots", "/vehicles/v0/depots", rows={"Depot": 2}),
    ]
