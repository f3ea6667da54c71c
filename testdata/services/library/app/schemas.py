"""What the library answers."""

from pydantic import AliasPath, BaseModel, ConfigDict, Field


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AuthorBrief(Record):
    id: int
    name: str


class BookBrief(Record):
    id: int
    title: str


class AuthorOut(AuthorBrief):
    books: list[BookBrief]


class AuthorTitles(AuthorBrief):
    titles: list[str]


class TagOut(Record):
    label: str


class BookOut(BookBrief):
    author: AuthorBrief


class BookTagged(BookOut):
    tags: list[TagOut]


class BookStatus(BookBrief):
    is_lent: bool


class BookLine(BookBrief):
    written_by: str = Field(validation_alias=AliasPath("author", "name"))


class LoanIn(BaseModel):
    book_id: int
    reader_id: int


class LoanOut(Record):
    id: int
    book: BookBrief


class AuthorTally(BaseModel):
    name: str
    books: int


class Totals(BaseModel):
    authors: int
    books: int
