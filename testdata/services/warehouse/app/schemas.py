"""What the warehouse takes and answers."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class BinOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    code: str
    quantity: int


class BinIn(BaseModel):
    zone_id: UUID
    code: str


class ZoneIn(BaseModel):
    name: str


class Movement(BaseModel):
    bin_id: int
    quantity: int


class Stock(BaseModel):
    bins: int
    quantity: int
