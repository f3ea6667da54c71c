"""Venues, what happens there, and who comes."""

from typing import Optional

from sqlmodel import Field, Relationship, SQLModel


class Venue(SQLModel, table=True):
    __tablename__ = "venues"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    events: list["Event"] = Relationship(back_populates="venue")


class Event(SQLModel, table=True):
    __tablename__ = "events"

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=100)
    seats: int = 0
    venue_id: int = Field(foreign_key="venues.id", index=True)
    venue: Venue = Relationship(back_populates="events", sa_relationship_kwargs={"lazy": "selectin"})
    bookings: list["Booking"] = Relationship(
        back_populates="event", sa_relationship_kwargs={"cascade": "all, delete-orphan"}
    )


class Booking(SQLModel, table=True):
    __tablename__ = "bookings"

    id: int | None = Field(default=None, primary_key=True)
    guest: str = Field(max_length=100)
    event_id: int = Field(foreign_key="events.id", index=True)
    event: Optional[Event] = Relationship(back_populates="bookings")


class VenueOut(SQLModel):
    id: int
    name: str


class EventOut(SQLModel):
    id: int
    title: str
    venue: VenueOut


class BookingOut(SQLModel):
    id: int
    guest: str


class EventGuests(EventOut):
    bookings: list[BookingOut]


class EventIn(SQLModel):
    title: str = Field(max_length=100)
    venue_id: int


class BookingIn(SQLModel):
    guest: str = Field(max_length=100)


class Filters(SQLModel):
    title: str | None = None
    limit: int = Field(default=50, ge=1, le=100)
