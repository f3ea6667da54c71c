"""Work units: repositories that share one session and one transaction."""

from collections.abc import Iterator
from typing import Annotated, Protocol

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.db import factory
from app.models import Depot, Trip, Truck, Vehicle


class Vehicles(Protocol):
    def all(self) -> list[Vehicle]: ...


class SqlVehicles:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Vehicle]:
        return list(self._session.scalars(select(Vehicle).order_by(Vehicle.id).limit(1000)))

    def trucks(self) -> list[Truck]:
        return list(self._session.scalars(select(Truck).order_by(Truck.id).limit(1000)))

    def by_plate(self, plate: str) -> Vehicle | None:
        return self._session.scalars(select(Vehicle).where(Vehicle.plate == plate)).first()

    def add(self, vehicle: Vehicle) -> None:
        self._session.add(vehicle)

    def remove(self, vehicle: Vehicle) -> None:
        self._session.delete(vehicle)


class SqlDepots:
    def __init__(self, session: Session) -> None:
        self._session = session

    def roots(self) -> list[Depot]:
        statement = select(Depot).where(Depot.parent_id.is_(None)).order_by(Depot.id).limit(1000)
        return list(self._session.scalars(statement))

    def roots_loaded(self) -> list[Depot]:
        children = selectinload(Depot.children).selectinload(Depot.vehicles)
        statement = select(Depot).where(Depot.parent_id.is_(None)).options(children, selectinload(Depot.vehicles))
        return list(self._session.scalars(statement.order_by(Depot.id).limit(1000)))


class Work:
    """One transaction: leaving it without `commit` gives it up."""

    def __init__(self) -> None:
        self.session = factory()
        self.vehicles = SqlVehicles(self.session)
        self.depots = SqlDepots(self.session)

    def commit(self) -> None:
        self.session.commit()

    def trips_of(self, vehicle: Vehicle) -> list[Trip]:
        return list(self.session.scalars(select(Trip).where(Trip.vehicle_id == vehicle.id).order_by(Trip.id)))

    def close(self) -> None:
        self.session.rollback()
        self.session.close()


def work() -> Iterator[Work]:
    unit = Work()
    try:
        yield unit
    finally:
        unit.close()


Unit = Annotated[Work, Depends(work)]
