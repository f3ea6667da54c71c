"""The ticket system's API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import get_session, make_session
from app.models import Agent, Comment, Ticket
from app.schemas import AgentBoard, CommentIn, Figures, TicketAssigned, TicketIn, TicketOut
from app.services import TicketService, boards, count, notify, remind, titles

app = FastAPI(title="Tickets")
Db = Annotated[AsyncSession, Depends(get_session)]


async def ticket_service(session: Db) -> TicketService:
    return TicketService(session)


Tickets = Annotated[TicketService, Depends(ticket_service)]


@app.get("/tickets", response_model=list[TicketAssigned])
async def list_tickets(service: Tickets) -> list[Ticket]:
    return await service.assigned()


@app.post("/tickets", response_model=TicketOut, status_code=201)
async def open_ticket(body: TicketIn, service: Tickets) -> Ticket:
    return await service.open(body)


@app.post("/tickets/fresh", response_model=TicketOut, status_code=201)
async def open_fresh_ticket(body: TicketIn, service: Tickets) -> Ticket:
    return await service.open_fresh(body)


@app.post("/tickets/many")
async def open_many_tickets(bodies: list[TicketIn], service: Tickets) -> list[int]:
    return await service.open_many(bodies)


@app.post("/tickets/each")
async def open_each_ticket(bodies: list[TicketIn], service: Tickets) -> list[TicketOut]:
    return await service.open_each(bodies)


@app.post("/tickets/new")
async def open_new_tickets(bodies: list[TicketIn], service: Tickets) -> int:
    return await service.open_what_is_new(bodies)


@app.post("/tickets/{key}/close")
async def close_ticket(key: int, service: Tickets) -> TicketOut:
    ticket = await service.close(key)
    if ticket is None:
        raise HTTPException(404, "No such ticket")
    return ticket


@app.post("/tickets/close")
async def close_tickets(service: Tickets) -> int:
    return await service.close_all()


@app.post("/tickets/{key}/comments", status_code=204)
async def comment(key: int, body: CommentIn, service: Tickets) -> None:
    if not await service.comment(key, body.text):
        raise HTTPException(404, "No such ticket")


@app.post("/tickets/{key}/notification", status_code=202)
async def notify_later(key: int, session: Db, tasks: BackgroundTasks) -> str:
    ticket = await session.get(Ticket, key)
    if ticket is None:
        raise HTTPException(404, "No such ticket")
    tasks.add_task(notify, ticket.id)
    return "queued"


@app.post("/tickets/{key}/reminder", status_code=202)
async def remind_later(key: int, session: Db, tasks: BackgroundTasks) -> str:
    if await session.get(Ticket, key) is None:
        raise HTTPException(404, "No such ticket")
    tasks.add_task(remind, make_session, key)
    return "queued"


@app.get("/tickets/tally")
async def tally(session: Db) -> int:
    seen, last = 0, 0
    while True:
        statement = select(Ticket.id).where(Ticket.id > last).order_by(Ticket.id).limit(50)
        keys = (await session.scalars(statement)).all()
        if not keys:
            return seen
        seen, last = seen + len(keys), keys[-1]


@app.post("/tickets/lookup")
async def look_up(keys: list[int], session: Db) -> list[str]:
    titles: list[str] = []
    for start in range(0, len(keys), 50):
        statement = select(Ticket.title).where(Ticket.id.in_(keys[start : start + 50]))
        titles += (await session.scalars(statement)).all()
    return titles


@app.delete("/tickets/{key}", status_code=204)
async def drop_ticket(key: int, service: Tickets) -> None:
    if not await service.drop(key):
        raise HTTPException(404, "No such ticket")


@app.get("/figures")
async def figures() -> Figures:
    tickets, comments = await asyncio.gather(count(Ticket), count(Comment))
    return Figures(tickets=tickets, comments=comments)


@app.get("/export")
async def export() -> StreamingResponse:
    return StreamingResponse(titles(), media_type="text/plain")


@app.get("/export/held")
async def export_held(session: Db) -> StreamingResponse:
    rows = (await session.scalars(select(Ticket.title).order_by(Ticket.id).limit(1000))).all()

    async def lines() -> AsyncIterator[str]:
        for title in rows:
            yield f"{title}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/export/released")
async def export_released(session: Db) -> StreamingResponse:
    rows = (await session.scalars(select(Ticket.title).order_by(Ticket.id).limit(1000))).all()
    await session.close()

    async def lines() -> AsyncIterator[str]:
        for title in rows:
            yield f"{title}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/boards", response_model=list[AgentBoard])
async def list_boards(session: Db) -> list[Agent]:
    return await boards(session)


@app.get("/boards/refreshed", response_model=list[AgentBoard])
async def list_refreshed_boards(session: Db) -> list[Agent]:
    agents = await boards(session)
    for agent in agents:
        await session.refresh(agent, ["tickets"])
    return agents
