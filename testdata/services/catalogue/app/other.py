"""A model that has the name of another."""

from pydantic import BaseModel


class Inner(BaseModel):
    text: str
