"""Books, who wrote them, and who has them."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Table
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import relationship

from app.db import Base

book_tags = Table(
    "book_tags",
    Base.metadata,
    Column("book_id", ForeignKey("books.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True, index=True),
)


class Author(Base):
    __tablename__ = "authors"

    id = Column(Integer, primary_key=True)
    name = Column(String(100), nullable=False)
    books = relationship("Book", back_populates="author", cascade="all, delete-orphan")

    @property
    def titles(self):
        return [book.title for book in self.books]


class Book(Base):
    __tablename__ = "books"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False)
    author_id = Column(Integer, ForeignKey("authors.id"), nullable=False, index=True)
    author = relationship("Author", back_populates="books")
    tags = relationship("Tag", secondary=book_tags)
    loans = relationship("Loan", back_populates="book", passive_deletes=True)

    @hybrid_property
    def is_lent(self):
        return any(loan.returned_on is None for loan in self.loans)


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    label = Column(String(30), nullable=False, unique=True)


class Reader(Base):
    __tablename__ = "readers"

    id = Column(Integer, primary_key=True)
    email = Column(String(100), nullable=False, unique=True)
    blocked = Column(Boolean, nullable=False, default=False)


class Loan(Base):
    __tablename__ = "loans"

    id = Column(Integer, primary_key=True)
    book_id = Column(Integer, ForeignKey("books.id", ondelete="CASCADE"), nullable=False, index=True)
    reader_id = Column(Integer, ForeignKey("readers.id"), nullable=False, index=True)
    returned_on = Column(Date)
    book = relationship("Book", back_populates="loans")
    reader = relationship("Reader")
