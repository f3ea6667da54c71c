"""What the fleet takes and answers."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class VehicleOut(Record):
    plate: str


class TruckOut(VehicleOut):
    load: int


class DepotOut(Record):
    name: str
    vehicles: list[VehicleOut]


class DepotTree(DepotOut):
    children: list[DepotOut]


class TripIn(BaseModel):
    distance: int


class TruckIn(BaseModel):
    plate: str
    depot_id: int
    load: int = 0
    trips: list[TripIn] = []
