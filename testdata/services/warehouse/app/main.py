"""The warehouse's API."""

from uuid import UUID

from fastapi import FastAPI, HTTPException

from app import stock
from app.db import Connected, Tx
from app.models import Bin
from app.schemas import BinIn, BinOut, Movement, Stock, ZoneIn

app = FastAPI(title="Warehouse")


@app.get("/stock")
def read_stock(connection: Connected) -> Stock:
    bins, quantity = stock.totals(connection)
    return Stock(bins=bins, quantity=quantity)


@app.get("/states")
def read_states(connection: Connected) -> dict[str, int]:
    return stock.states(connection)


@app.get("/bins", response_model=list[BinOut])
def list_bins(session: Tx, last: int = 0) -> list[Bin]:
    return stock.page_after(session, last)


@app.get("/bins/zones")
def list_zones_of_bins(session: Tx) -> dict[str, str]:
    return stock.zone_names(session, stock.page_after(session, 0))


@app.get("/bins/zones/slowly")
def list_zones_of_bins_slowly(session: Tx) -> dict[str, str]:
    return {one.code: one.zone.name for one in stock.page_after(session, 0)}


@app.get("/bins/{bin_id}/history")
def read_history(bin_id: int, connection: Connected) -> list[dict[str, int]]:
    return stock.history(connection, bin_id)


@app.post("/bins", status_code=201)
def add_bins(items: list[BinIn], session: Tx) -> int:
    return stock.add_bins(session, items)


@app.post("/bins/emptying")
def empty_bins(session: Tx) -> int:
    return stock.empty_again(session)


@app.post("/movements", status_code=204)
def move(items: list[Movement], session: Tx) -> None:
    stock.move(session, items)


@app.post("/movements/at-once", status_code=204)
def move_at_once(items: list[Movement], session: Tx) -> None:
    stock.move_at_once(session, items)


@app.post("/zones", status_code=201)
def add_zones(items: list[ZoneIn], session: Tx) -> list[str]:
    return stock.add_zones(session, items)


@app.get("/zones/{zone_id}/used")
def read_used(zone_id: UUID, session: Tx) -> bool:
    return stock.is_used(session, zone_id)


@app.delete("/zones/{zone_id}", status_code=204)
def drop_zone(zone_id: UUID, session: Tx) -> None:
    if not stock.drop_zone(session, zone_id):
        raise HTTPException(404, "No such zone")


@app.delete("/zones/{zone_id}/bins")
def drop_bins(zone_id: UUID, session: Tx) -> int:
    return stock.drop_bins(session, zone_id)
