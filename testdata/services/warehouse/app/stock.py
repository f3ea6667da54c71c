"""Statements of the warehouse."""

from uuid import UUID

from sqlalchemy import Connection, delete, exists, func, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.models import Bin, Zone, movements
from app.schemas import BinIn, Movement, ZoneIn

STATES = ("full", "empty", "blocked")


def totals(connection: Connection) -> tuple[int, int]:
    row = connection.execute(select(func.count(Bin.id), func.coalesce(func.sum(Bin.quantity), 0))).one()
    return row[0], row[1]


def history(connection: Connection, bin_id: int) -> list[dict[str, int]]:
    statement = select(movements.c.id, movements.c.quantity).where(movements.c.bin_id == bin_id)
    found = connection.execute(statement.order_by(movements.c.id).limit(500))
    return [{"id": row.id, "quantity": row.quantity} for row in found]


def states(connection: Connection) -> dict[str, int]:
    statement = text("SELECT count(*) FROM bins WHERE code LIKE :state")
    return {state: connection.execute(statement, {"state": f"{state}%"}).scalar_one() for state in STATES}


def page_after(session: Session, last: int, size: int = 1000) -> list[Bin]:
    return list(session.scalars(select(Bin).where(Bin.id > last).order_by(Bin.id).limit(size)))


def move(session: Session, items: list[Movement]) -> None:
    session.execute(insert(movements), [item.model_dump() for item in items])
    for item in items:
        session.execute(update(Bin).where(Bin.id == item.bin_id).values(quantity=Bin.quantity + item.quantity))


def move_at_once(session: Session, items: list[Movement]) -> None:
    session.execute(insert(movements), [item.model_dump() for item in items])
    session.execute(update(Bin), [{"id": item.bin_id, "quantity": item.quantity} for item in items])


def add_bins(session: Session, items: list[BinIn]) -> int:
    statement = upsert(Bin).values([item.model_dump() for item in items])
    session.execute(statement.on_conflict_do_nothing())
    return len(items)


def add_zones(session: Session, items: list[ZoneIn]) -> list[str]:
    zones = [Zone(name=item.name) for item in items]
    session.add_all(zones)
    session.flush()
    return [str(zone.id) for zone in zones]


def drop_zone(session: Session, zone_id: UUID) -> bool:
    zone = session.get(Zone, zone_id)
    if zone is None:
        return False
    session.delete(zone)
    return True


def drop_bins(session: Session, zone_id: UUID) -> int:
    return session.execute(delete(Bin).where(Bin.zone_id == zone_id)).rowcount


def is_used(session: Session, zone_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(Bin.zone_id == zone_id))))


def empty_again(session: Session) -> int:
    for attempt in range(3):
        try:
            with session.begin_nested():
                return session.execute(update(Bin).values(quantity=0)).rowcount
        except OperationalError:
            if attempt == 2:
                raise
    return 0


def zone_names(session: Session, bins: list[Bin]) -> dict[str, str]:
    keys = {one.zone_id for one in bins}
    zones = {zone.id: zone.name for zone in session.scalars(select(Zone).where(Zone.id.in_(keys)))}
    return {one.code: zones[one.zone_id] for one in bins}
