"""Bodies of the question endpoints."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.models import Difficulty


class ChoiceCreate(BaseModel):
    """A choice of a new question."""

    text: str = Field(min_length=1, max_length=500)
    is_correct: bool = False


class ChoiceRead(BaseModel):
    """A choice, without telling whether it is the right one."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    text: str


class QuestionCreate(BaseModel):
    """A new question."""

    topic: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1)
    difficulty: Difficulty = Difficulty.MEDIUM
    is_published: bool = False
    choices: list[ChoiceCreate] = Field(min_length=2, max_length=8)

    @model_validator(mode="after")
    def check_one_correct(self) -> Self:
        """Require exactly one correct choice."""
        if sum(choice.is_correct for choice in self.choices) != 1:
            raise ValueError("exactly one choice must be correct")
        return self


class QuestionUpdate(BaseModel):
    """Changes to a question; fields left out stay as they are."""

    topic: str | None = Field(default=None, min_length=1, max_length=64)
    text: str | None = Field(default=None, min_length=1)
    difficulty: Difficulty | None = None
    is_published: bool | None = None


class QuestionRead(BaseModel):
    """A question."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    topic: str
    text: str
    difficulty: Difficulty
    is_published: bool
    choices: list[ChoiceRead]
