"""The blog's API."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from sqlalchemy.orm import Session

from app import queries
from app.db import (
    current_request,
    get_db,
    get_db_returned,
    get_db_that_commits,
    get_db_without_finally,
    registry,
    session_scope,
)
from app.models import Comment, Post, User
from app.schemas import (
    CommentOut,
    PostCommented,
    PostCounted,
    PostFull,
    PostIn,
    PostLabelled,
    PostSigned,
    PostTitle,
    Profile,
    UserOut,
)
from app.work import UnitOfWork

app = FastAPI(title="Blog")
Db = Annotated[Session, Depends(get_db)]


@app.middleware("http")
async def forget_session(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
    current_request.set(uuid4().hex)
    try:
        return await follow(request)
    finally:
        registry.remove()


@app.get("/posts", response_model=list[PostTitle])
def list_posts(session: Db) -> list[Post]:
    return queries.some_posts(session)


@app.get("/posts/full", response_model=list[PostFull])
def list_full_posts(session: Db) -> list[Post]:
    return queries.full_posts(session)


@app.get("/posts/deferred", response_model=list[PostFull])
def list_deferred_posts(session: Db) -> list[Post]:
    return queries.some_posts(session)


@app.get("/posts/slim", response_model=list[PostTitle])
def list_slim_posts(session: Db) -> list[Post]:
    return queries.slim_posts(session)


@app.get("/posts/labels", response_model=list[PostLabelled])
def list_labels(session: Db) -> list[Post]:
    return queries.some_posts(session)


@app.get("/posts/counts", response_model=list[PostCounted])
def list_counts(session: Db) -> list[Post]:
    return queries.some_posts(session)


@app.get("/posts/comments", response_model=list[PostCommented])
def list_comments(session: Db) -> list[Post]:
    return queries.commented_posts(session)


@app.get("/posts/joined", response_model=list[PostCommented])
def list_joined(session: Db) -> list[Post]:
    return queries.joined_posts(session)


@app.get("/posts/first", response_model=PostLabelled)
def read_first(session: Db) -> Post:
    post = queries.first_joined(session)
    if post is None:
        raise HTTPException(404, "No posts")
    return post


@app.get("/posts/signed", response_model=list[PostSigned])
def list_signed(session: Db) -> list[Post]:
    return queries.some_posts(session)


@app.get("/posts/again")
def list_again(session: Db) -> dict[str, int]:
    found = queries.some_posts(session)
    sizes = {post.title: len(post.comments) for post in found}
    for post in found:
        sizes[post.title] += sum(len(comment.text) for comment in post.comments)
    return sizes


@app.post("/posts", status_code=201)
def write_post(body: PostIn) -> int:
    with session_scope() as session:
        return queries.write(session, body)


@app.delete("/posts/{post_id}", status_code=204)
def remove_post(post_id: int) -> None:
    with UnitOfWork() as work:
        post = work.session.query(Post).filter_by(id=post_id).first()
        if post is None:
            raise HTTPException(404, "No such post")
        work.session.delete(post)


@app.post("/comments/approval")
def approve_comments(session: Db) -> int:
    return queries.approve(session)


@app.post("/comments/hiding", response_model=list[CommentOut])
def hide_comments(session: Db) -> list[Comment]:
    return queries.hide(session)


@app.post("/users", status_code=204)
def add_user(name: str, session: Annotated[Session, Depends(get_db_that_commits)]) -> None:
    session.add(User(name=name))


@app.post("/users/lost", status_code=204)
def lose_users(names: list[str], session: Db) -> None:
    for name in names:
        session.add(User(name=name))


@app.post("/users/early", status_code=201)
def add_user_early(name: str, session: Annotated[Session, Depends(get_db_that_commits)]) -> int:
    user = User(name=name)
    session.add(user)
    session.commit()
    return user.id


@app.get("/users/{user_id}/profile")
def read_profile(user_id: int, session: Db) -> Profile:
    found = queries.profile(session, user_id)
    if found is None:
        raise HTTPException(404, "No such user")
    return found


@app.get("/users/{user_id}", response_model=UserOut)
def read_user(user_id: int, session: Annotated[Session, Depends(get_db_without_finally)]) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise HTTPException(404, "No such user")
    return user


@app.get("/users", response_model=list[UserOut])
def list_users(session: Annotated[Session, Depends(get_db_returned)]) -> list[User]:
    return session.query(User).order_by(User.id).limit(1000).all()


@app.get("/comments/{comment_id}")
def read_comment(comment_id: int) -> str:
    comment = registry.query(Comment).filter(Comment.id == comment_id).first()
    if comment is None:
        raise HTTPException(404, "No such comment")
    return comment.text
