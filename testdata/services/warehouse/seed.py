"""N zones with a bin each, N movements of each bin."""

from typing import Any
from uuid import UUID

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "zones": [{"id": UUID(int=z + 1), "name": f"z{z}"} for z in range(n)],
        "bins": [{"id": b + 1, "zone_id": UUID(int=b + 1), "code": f"b{b}", "quantity": 1} for b in range(n)],
        "movements": [{"id": b * n + m + 1, "bin_id": b + 1, "quantity": 1} for b in range(n) for m in range(n)],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Bin": 1}


def calls(n: int) -> list[Call]:
    zone = UUID(int=1)
    movements = [{"bin_id": b + 1, "quantity": 1} for b in range(n)]
    return [
        Call("GET /stock"),
        Call("GET /states"),
        Call("GET /bins"),
        Call("GET /bins/zones"),
        Call("GET /bins/zones/slowly"),
        Call("GET /bins/{bin_id}/history", "/bins/1/history"),
        Call("POST /bins", json=[{"zone_id": str(zone), "code": f"new{b}"} for b in range(n)]),
        Call("POST /bins/emptying"),
        Call("POST /movements", json=movements, rows={"items": n}),
        Call("POST /movements/at-once", json=movements),
        Call("POST /zones", json=[{"name": f"new{z}"} for z in range(n)]),
        Call("GET /zones/{zone_id}/used", f"/zones/{zone}/used"),
        Call("DELETE /zones/{zone_id}", f"/zones/{zone}", failing=f"/zones/{UUID(int=0)}"),
        Call("DELETE /zones/{zone_id}/bins", f"/zones/{zone}/bins"),
    ]
