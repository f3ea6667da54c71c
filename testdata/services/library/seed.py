"""N authors with N books each, N tags, N readers with a loan each."""

from typing import Any

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    books = [{"id": a * n + b + 1, "title": f"b{b}", "author_id": a + 1} for a in range(n) for b in range(n)]
    return {
        "authors": [{"id": a + 1, "name": f"a{a}"} for a in range(n)],
        "books": books,
        "tags": [{"id": t + 1, "label": f"t{t}"} for t in range(n)],
        "book_tags": [{"book_id": book["id"], "tag_id": book["id"] % n + 1} for book in books],
        "readers": [{"id": r + 1, "email": f"r{r}@example.com", "blocked": False} for r in range(n)],
        "loans": [{"id": r + 1, "book_id": r + 1, "reader_id": r + 1} for r in range(n)],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Book": n, "Tag": 1, "Loan": 1}


def calls(n: int) -> list[Call]:
    return [
        Call("GET /authors"),
        Call("GET /authors/loaded"),
        Call("GET /authors/titles"),
        Call("GET /authors/tally"),
        Call("GET /authors/names"),
        Call("GET /authors/of/{title}", "/authors/of/b0"),
        Call("GET /authors/{author_id}/books", "/authors/1/books", rows={"Book": n}),
        Call("DELETE /authors/{author_id}", "/authors/1", rows={"Book": n}, failing="/authors/0"),
        Call("GET /books"),
        Call("GET /books/brief"),
        Call("GET /books/lines"),
        Call("GET /books/lent"),
        Call("GET /books/{book_id}", "/books/1", rows={"Author": 1}, failing="/books/0"),
        Call("GET /books/{book_id}/status", "/books/1/status"),
        Call("GET /loans"),
        Call("POST /loans", json={"book_id": 1, "reader_id": 1}, rows={"Book": 1}),
        Call("DELETE /readers/{reader_id}", "/readers/1", failing="/readers/0"),
        Call("GET /tags"),
        Call("GET /totals"),
    ]
