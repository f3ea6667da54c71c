"""The API of events."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query

from app import service
from app.db import Db, OpenDb
from app.models import BookingIn, Event, EventGuests, EventIn, EventOut, Filters
from app.service import EventService

app = FastAPI(title="Events")
router = APIRouter(prefix="/events")


async def event_service(session: Db) -> EventService:
    return EventService(session)


Service = Annotated[EventService, Depends(event_service)]
Filtered = Annotated[Filters, Query()]


async def one_event(event_id: int, events: Service) -> Event:
    event = await events.get(event_id)
    if event is None:
        raise HTTPException(404, "No such event")
    return event


Known = Annotated[Event, Depends(one_event)]


@router.get("", response_model=list[EventOut])
async def list_events(events: Service, filters: Filtered) -> Sequence[Event]:
    return await events.page(filters)


@router.get("/guests", response_model=list[EventGuests])
async def list_events_with_guests(events: Service, filters: Filtered) -> Sequence[Event]:
    return await events.page_with_guests(filters)


@router.get("/guests/lost", response_model=list[EventGuests])
async def list_events_without_guests(events: Service, filters: Filtered) -> Sequence[Event]:
    return await events.page(filters)


@router.get("/guests/{guest}", response_model=list[EventGuests])
async def list_events_of_guest(guest: str, events: Service) -> Sequence[Event]:
    return await events.with_guest(guest)


@router.get("/free")
async def list_free(events: Service, keys: Annotated[list[int], Query(max_length=200)]) -> dict[int, int]:
    return await events.free(keys)


@router.get("/free/slowly")
async def list_free_slowly(events: Service, keys: Annotated[list[int], Query(max_length=200)]) -> dict[int, int]:
    return await events.free_slowly(keys)


@router.post("", response_model=EventOut, status_code=201)
async def create_event(body: EventIn, events: Service) -> Event:
    return await events.create(body)


@router.get("/{event_id}", response_model=EventOut)
async def read_event(event: Known) -> Event:
    return event


@router.get("/{event_id}/title")
async def read_title(event_id: int, session: OpenDb) -> str:
    event = await session.get(Event, event_id)
    if event is None:
        raise HTTPException(404, "No such event")
    return event.title


@router.get("/{event_id}/guests")
async def list_guests(event_id: int) -> list[str]:
    return await service.guests_of(event_id)


@router.post("/{event_id}/bookings", status_code=201)
async def book(event: Known, bookings: list[BookingIn], events: Service) -> int:
    return await events.book(event, [booking.guest for booking in bookings])


@router.delete("/{event_id}", status_code=204)
async def remove_event(event: Known, events: Service) -> None:
    await events.remove(event)


@app.get("/venues")
async def list_venues() -> list[str]:
    return await service.names_of_venues()


@app.get("/venues/busy")
async def list_busy_venues(events: Service) -> list[str]:
    return await events.venue_names()


@app.get("/venues/sizes")
async def list_sizes() -> list[int]:
    return await service.events_of_venues()


app.include_router(router)
