"""One of every kind of model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union

from pydantic import (
    AliasChoices,
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    PositiveInt,
    PrivateAttr,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import Annotated, NotRequired, TypedDict

from app.money import Blob, Currency, Percent, Price, Seconds, Slug, Trimmed

T = TypeVar("T")
K = TypeVar("K")


class Colour(StrEnum):
    """What it looks like."""

    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Single(Enum):
    ONLY = "only"


class Point(NamedTuple):
    x: int
    y: int = 0


class Extra(TypedDict):
    note: str
    weight: NotRequired[float]


@dataclass
class Box:
    width: int
    height: int = 2
    labels: list[str] = field(default_factory=list)


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    first_name: str
    last_name: str = "Doe"
    kept_as_is: int = Field(default=1, alias="asIs")


class Base(BaseModel):
    """What all of them have.

    More about it.
    """

    id: uuid.UUID = Field(default_factory=uuid.uuid4)
    created_at: datetime
    _hidden: int = PrivateAttr(default=0)


class Item(Base):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Foo"}]})

    name: Slug
    title: Trimmed = Field("Untitled", title="The title", examples=["A", "B"])
    colour: Colour = Colour.RED
    level: Optional[Level] = None
    single: Single = Single.ONLY
    kind: Literal["a", "b"] = "a"
    one: Literal["only"] = "only"
    price: Price
    discount: Percent = 0
    parts: list[Item] = []
    parent: Optional["Item"] = None
    tags: set[str] = Field(default_factory=set, max_length=10)
    sizes: tuple[int, str] | None = None
    numbers: tuple[int, ...] = ()
    lookup: dict[str, int] = {}
    by_colour: dict[Colour, list[int]] = {}
    anything: Any = None
    either: Union[int, str, None] = None
    when: date | None = None
    at: time | None = None
    lasts: Seconds | None = None
    waits: timedelta = timedelta(minutes=1, seconds=5)
    site: HttpUrl | None = None
    link: AnyUrl | None = None
    mail: EmailStr | None = None
    secret: SecretStr | None = None
    folder: Path = Path("/tmp")
    data: bytes = b""
    currency: Currency = Currency("EUR")
    blob: Blob = None
    point: Point | None = None
    box: Box | None = None
    old: int | None = Field(default=None, deprecated=True)
    out: str = Field(default="", exclude=True)
    code: str = Field(default="x", validation_alias=AliasChoices("code", "sku"), serialization_alias="articleCode")
    skipped: int | SkipJsonSchema[None] = None

    @computed_field
    @property
    def label(self) -> str:
        """How it is shown."""
        return self.name

    @field_serializer("level")
    def write_level(self, value: Level | None) -> str:
        return str(value)

    @field_validator("name")
    @classmethod
    def check(cls, value: str) -> str:
        return value


class Ids(RootModel[list[PositiveInt]]):
    """Several of them."""


class Settings(RootModel):
    root: dict[str, str] = {}


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = Field(ge=0)
    next: Page[T] | None = None


class Pair(BaseModel, Generic[K, T]):
    key: K
    value: T | None = None


class Named(Pair[str, T], Generic[T]):
    name: str


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "puppy"] = "dog"
    barks: bool = True


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Owner(BaseModel):
    pet: Pet
    others: list[Pet] = []
    maybe: Pet | None = None


def add_note(schema: dict[str, Any]) -> None:
    schema["x-note"] = "made by a function"


class Noted(BaseModel):
    model_config = ConfigDict(json_schema_extra=add_note, title="A noted thing", use_attribute_docstrings=True)

    value: float = Field(default=1.5, multiple_of=0.5, json_schema_extra={"x-unit": "m"})
    #: Not a docstring.
    plain: int = 1


class Inner(BaseModel):
    value: int = 1


class Outer(BaseModel):
    extra: Extra | None = None
    inner: Inner = Inner()
    level: Level = Level.HIGH
