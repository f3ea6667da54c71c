"""What happens to tickets."""

from collections.abc import AsyncIterator

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import selectinload

from app.db import make_session
from app.models import Agent, Comment, Event, Ticket
from app.schemas import TicketIn, TicketOut


class TicketService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def open(self, body: TicketIn) -> Ticket:
        ticket = Ticket(title=body.title, state="open")
        self.session.add(ticket)
        await self.session.commit()
        return ticket

    async def open_fresh(self, body: TicketIn) -> Ticket:
        ticket = await self.open(body)
        await self.session.refresh(ticket)
        return ticket

    async def open_many(self, bodies: list[TicketIn]) -> list[int]:
        tickets = [Ticket(title=body.title, state="open") for body in bodies]
        self.session.add_all(tickets)
        await self.session.flush()
        keys = [ticket.id for ticket in tickets]
        await self.session.commit()
        return keys

    async def open_each(self, bodies: list[TicketIn]) -> list[TicketOut]:
        out = []
        for body in bodies:
            ticket = await self.open_fresh(body)
            out.append(TicketOut.model_validate(ticket))
        return out

    async def open_what_is_new(self, bodies: list[TicketIn]) -> int:
        done = 0
        for body in bodies:
            try:
                async with self.session.begin_nested():
                    self.session.add(Ticket(title=body.title, state="open"))
                done += 1
            except IntegrityError:
                continue
        await self.session.commit()
        return done

    async def close(self, key: int) -> TicketOut | None:
        ticket = await self.session.get(Ticket, key)
        if ticket is None:
            return None
        ticket.state = "closed"
        ticket.events.add(Event(what="closed"))
        out = TicketOut.model_validate(ticket)
        await self.session.commit()
        return out

    async def close_all(self) -> int:
        result = await self.session.execute(update(Ticket).where(Ticket.state == "open").values(state="closed"))
        await self.session.commit()
        return result.rowcount

    async def assigned(self) -> list[Ticket]:
        statement = select(Ticket).options(selectinload(Ticket.agent)).order_by(Ticket.id).limit(500)
        return list((await self.session.scalars(statement)).all())

    async def comment(self, key: int, text: str) -> bool:
        ticket = await self.session.get(Ticket, key, options=[selectinload(Ticket.comments)])
        if ticket is None:
            return False
        ticket.comments.append(Comment(text=text))
        await self.session.commit()
        return True

    async def drop(self, key: int) -> bool:
        ticket = await self.session.get(Ticket, key)
        if ticket is None:
            return False
        await self.session.delete(ticket)
        await self.session.commit()
        return True


async def count(model: type[Ticket] | type[Comment]) -> int:
    async with make_session() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def titles() -> AsyncIterator[str]:
    async with make_session() as session:
        result = await session.stream_scalars(select(Ticket.title).order_by(Ticket.id))
        async for title in result:
            yield f"{title}\n"


async def notify(key: int) -> None:
    async with make_session() as session:
        ticket = await session.get(Ticket, key)
        if ticket is not None:
            session.add(Event(ticket_id=ticket.id, what="notified"))
            await session.commit()


async def remind(sessions: async_sessionmaker[AsyncSession], key: int) -> None:
    async with sessions() as session:
        session.add(Event(ticket_id=key, what="reminded"))
        await session.commit()


async def boards(session: AsyncSession) -> list[Agent]:
    return list((await session.scalars(select(Agent).order_by(Agent.id).limit(200))).all())
