"""What the ticket system takes and answers."""

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class TicketIn(BaseModel):
    title: str = Field(max_length=200)


class TicketOut(Record):
    title: str
    state: str


class AgentOut(Record):
    name: str


class TicketAssigned(TicketOut):
    agent: AgentOut | None


class AgentBoard(AgentOut):
    tickets: list[TicketOut]


class CommentIn(BaseModel):
    text: str = Field(max_length=500)


class Figures(BaseModel):
    tickets: int
    comments: int
