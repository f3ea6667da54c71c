"""The library's API."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from app import repositories
from app.db import get_db
from app.models import Author, Book, Loan, Reader, Tag
from app.repositories import AuthorRepository, BookRepository
from app.schemas import (
    AuthorBrief,
    AuthorOut,
    AuthorTally,
    AuthorTitles,
    BookBrief,
    BookLine,
    BookOut,
    BookStatus,
    BookTagged,
    LoanIn,
    LoanOut,
    TagOut,
    Totals,
)

app = FastAPI(title="Library")
Db = Annotated[Session, Depends(get_db)]


def authors(db: Db) -> AuthorRepository:
    return AuthorRepository(db)


def books(db: Db) -> BookRepository:
    return BookRepository(db)


Authors = Annotated[AuthorRepository, Depends(authors)]
Books = Annotated[BookRepository, Depends(books)]


def found_book(book_id: int, repository: Books) -> Book:
    book = repository.get(book_id)
    if book is None:
        raise HTTPException(404, "No such book")
    return book


@app.get("/authors", response_model=list[AuthorOut])
def list_authors(repository: Authors) -> list[Author]:
    return repository.page()


@app.get("/authors/loaded", response_model=list[AuthorOut])
def list_authors_loaded(repository: Authors) -> list[Author]:
    return repository.page_with_books()


@app.get("/authors/titles", response_model=list[AuthorTitles])
def list_titles(repository: Authors) -> list[Author]:
    return repository.page()


@app.get("/authors/tally")
def tally(repository: Authors) -> list[AuthorTally]:
    return [AuthorTally(name=author.name, books=len(author.books)) for author in repository.page()]


@app.get("/authors/names")
def names(repository: Authors) -> list[str]:
    return sorted(author.name for author in repository.page())


@app.get("/authors/of/{title}", response_model=list[AuthorBrief])
def list_authors_of(title: str, db: Db) -> list[Author]:
    return repositories.authors_of(db, title)


@app.get("/authors/{author_id}/books", response_model=list[BookBrief])
def list_books_of_author(author_id: int, repository: Books) -> list[Book]:
    return repository.of_author(author_id)


@app.delete("/authors/{author_id}", status_code=204)
def remove_author(author_id: int, repository: Authors) -> None:
    author = repository.get(author_id)
    if author is None:
        raise HTTPException(404, "No such author")
    repository.remove(author)


@app.get("/books", response_model=list[BookTagged])
def list_books(repository: Books) -> list[Book]:
    return repository.page_loaded()


@app.get("/books/brief", response_model=list[BookOut], response_model_exclude={"__all__": {"author"}})
def list_books_without_author(repository: Books) -> list[Book]:
    return repository.page()


@app.get("/books/lines", response_model=list[BookLine])
def list_lines(repository: Books) -> list[Book]:
    return repository.page()


@app.get("/books/lent")
async def list_lent() -> list[str]:
    return await run_in_threadpool(repositories.lent_titles)


@app.get("/books/{book_id}", response_model=BookOut)
def read_book(book: Annotated[Book, Depends(found_book)]) -> Book:
    return book


@app.get("/books/{book_id}/status", response_model=BookStatus)
def read_status(book: Annotated[Book, Depends(found_book)]) -> Book:
    return book


@app.get("/loans", response_model=list[LoanOut])
def list_loans(db: Db) -> list[Loan]:
    return repositories.open_loans(db)


@app.post("/loans", response_model=LoanOut, status_code=201)
def lend(body: LoanIn, db: Db, repository: Books) -> Loan:
    book = found_book(body.book_id, repository)
    loan = Loan(book_id=book.id, reader_id=body.reader_id)
    db.add(loan)
    db.commit()
    db.refresh(loan)
    return loan


@app.delete("/readers/{reader_id}", status_code=204)
def remove_reader(reader_id: int, db: Db) -> None:
    reader = db.get(Reader, reader_id)
    if reader is None:
        raise HTTPException(404, "No such reader")
    db.delete(reader)
    db.commit()


@app.get("/tags", response_model=list[TagOut])
def list_tags(db: Db) -> list[Tag]:
    return repositories.all_tags(db)


@app.get("/totals")
def totals(db: Db) -> Totals:
    return Totals(authors=repositories.count_of(db, Author), books=repositories.count_of(db, Book))
