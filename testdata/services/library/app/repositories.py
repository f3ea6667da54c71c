"""What is asked of the database."""

from sqlalchemy import func
from sqlalchemy.orm import Query, Session, contains_eager, joinedload, selectinload, subqueryload

from app.db import SessionLocal
from app.models import Author, Book, Loan, Reader, Tag


def with_books(query: Query) -> Query:
    return query.options(selectinload(Author.books))


class AuthorRepository:
    def __init__(self, db: Session) -> None:
        self.db = db

    def query(self) -> Query:
        return self.db.query(Author).order_by(Author.id)

    def page(self, limit: int = 1000) -> list[Author]:
        return self.query().limit(limit).all()

    def page_with_books(self, limit: int = 1000) -> list[Author]:
        return with_books(self.query()).limit(limit).all()

    def get(self, author_id: int) -> Author | None:
        return self.db.query(Author).filter(Author.id == author_id).first()

    def remove(self, author: Author) -> None:
        self.db.delete(author)
        self.db.commit()


class BookRepository:
    def __init__(self, db: Session) -> None:
        self.db = db

    def page(self, limit: int = 20000) -> list[Book]:
        return self.db.query(Book).order_by(Book.id).limit(limit).all()

    def page_loaded(self, limit: int = 20000) -> list[Book]:
        query = self.db.query(Book).options(joinedload(Book.author), subqueryload(Book.tags))
        return query.order_by(Book.id).limit(limit).all()

    def get(self, book_id: int) -> Book | None:
        return self.db.get(Book, book_id)

    def of_author(self, author_id: int) -> list[Book]:
        return self.db.query(Book).filter_by(author_id=author_id).order_by(Book.id).all()


def authors_of(db: Session, title: str) -> list[Author]:
    query = db.query(Author).join(Author.books).filter(Book.title == title).distinct()
    return query.order_by(Author.id).limit(500).all()


def lent_titles() -> list[str]:
    db = SessionLocal()
    try:
        query = db.query(Book.title).filter(Book.loans.any()).order_by(Book.title)
        return [title for (title,) in query.limit(500)]
    finally:
        db.close()


def open_loans(db: Session) -> list[Loan]:
    query = db.query(Loan).join(Loan.book).options(contains_eager(Loan.book))
    return query.filter(Loan.returned_on.is_(None)).order_by(Loan.id).limit(500).all()


def all_tags(db: Session) -> list[Tag]:
    return db.query(Tag).order_by(Tag.label).all()


def reader_named(db: Session, email: str) -> Reader | None:
    return db.query(Reader).filter(Reader.email == email).one_or_none()


def count_of(db: Session, model: type) -> int:
    return db.query(func.count(model.id)).scalar() or 0
