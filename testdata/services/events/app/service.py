"""What can be done with events."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import Select
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import async_session
from app.models import Booking, Event, EventIn, Filters, Venue

CHUNK = 500


@asynccontextmanager
async def own_session() -> AsyncIterator[AsyncSession]:
    async with async_session() as session:
        yield session


def narrowed(statement: Select, filters: Filters) -> Select:
    if filters.title:
        statement = statement.where(col(Event.title).contains(filters.title))
    return statement.order_by(Event.id).limit(filters.limit)


class EventService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def page(self, filters: Filters) -> Sequence[Event]:
        return (await self.session.exec(narrowed(select(Event), filters))).all()

    async def page_with_guests(self, filters: Filters) -> Sequence[Event]:
        statement = narrowed(select(Event).options(joinedload(Event.bookings)), filters)
        return (await self.session.exec(statement)).unique().all()

    async def with_guest(self, guest: str) -> Sequence[Event]:
        statement = select(Event).join(Event.bookings).options(contains_eager(Event.bookings))
        found = await self.session.exec(statement.where(Booking.guest == guest).order_by(Event.id))
        return found.unique().all()

    async def get(self, key: int) -> Event | None:
        return await self.session.get(Event, key)

    async def create(self, body: EventIn) -> Event:
        event = Event.model_validate(body)
        self.session.add(event)
        await self.session.commit()
        await self.session.refresh(event)
        return event

    async def book(self, event: Event, guests: list[str]) -> int:
        self.session.add_all([Booking(guest=guest, event_id=event.id) for guest in guests])
        await self.session.commit()
        return len(guests)

    async def remove(self, event: Event) -> None:
        await self.session.delete(event)
        await self.session.commit()

    async def free(self, keys: list[int]) -> dict[int, int]:
        statement = select(Booking.event_id, func.count(col(Booking.id))).where(col(Booking.event_id).in_(keys))
        taken = dict((await self.session.exec(statement.group_by(Booking.event_id))).all())
        events = (await self.session.exec(select(Event).where(col(Event.id).in_(keys)))).all()
        return {event.id: event.seats - taken.get(event.id, 0) for event in events}

    async def free_slowly(self, keys: list[int]) -> dict[int, int]:
        return {key: await self.count(key) for key in keys}

    async def count(self, key: int) -> int:
        statement = select(func.count()).select_from(Booking).where(Booking.event_id == key)
        return (await self.session.exec(statement)).one()

    async def venue_names(self) -> list[str]:
        events = (await self.session.exec(select(Event).order_by(Event.id).limit(200))).all()
        return sorted({event.venue.name for event in events})


async def guests_of(key: int) -> list[str]:
    async with own_session() as session:
        statement = select(Booking.guest).where(Booking.event_id == key).order_by(Booking.guest)
        return list((await session.exec(statement)).all())


async def names_of_venues() -> list[str]:
    async with own_session() as session:
        venues = (await session.exec(select(Venue).order_by(Venue.id).limit(200))).all()
    return [venue.name for venue in venues]


async def events_of_venues() -> list[int]:
    async with own_session() as session:
        venues = (await session.exec(select(Venue).order_by(Venue.id).limit(200))).all()
    return [len(venue.events) for venue in venues]
