"""Depots, vehicles of several kinds, and their trips."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base


class Depot(Base):
    __tablename__ = "depots"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("depots.id"), index=True, default=None)
    children: Mapped[list["Depot"]] = relationship(back_populates="parent", default_factory=list)
    parent: Mapped["Depot | None"] = relationship(back_populates="children", remote_side=[id], default=None)
    vehicles: Mapped[list["Vehicle"]] = relationship(back_populates="depot", default_factory=list)


class VehicleType(Base):
    __tablename__ = "vehicle_types"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class Vehicle(Base):
    __tablename__ = "vehicles"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "vehicle"}

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    plate: Mapped[str] = mapped_column(String(20), unique=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depots.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), init=False)
    type_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle_types.id"), index=True, init=False, default=None)
    type: Mapped[VehicleType | None] = relationship(init=False)
    depot: Mapped[Depot] = relationship(back_populates="vehicles", init=False)
    trips: Mapped[list["Trip"]] = relationship(
        back_populates="vehicle", init=False, cascade="all, delete-orphan", default_factory=list
    )


class Truck(Vehicle):
    __tablename__ = "trucks"
    __mapper_args__ = {"polymorphic_identity": "truck"}

    id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), init=False, primary_key=True)
    load: Mapped[int] = mapped_column(default=0)


class Trip(Base):
    __tablename__ = "trips"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), index=True)
    distance: Mapped[int]
    version: Mapped[int] = mapped_column(init=False, default=1)
    vehicle: Mapped[Vehicle] = relationship(back_populates="trips", init=False)
    __mapper_args__ = {"version_id_col": version}
