"""What is asked of the database."""

from sqlalchemy import select
from sqlalchemy.orm import Query, Session, joinedload, load_only, raiseload, selectinload, undefer, with_loader_criteria

from app.models import Comment, Label, Post, User
from app.schemas import PostIn, Profile


def posts(session: Session) -> Query:
    return session.query(Post).filter(Post.published.is_(True)).order_by(Post.id)


def some_posts(session: Session, limit: int = 1000) -> list[Post]:
    return posts(session).limit(limit).all()


def full_posts(session: Session, limit: int = 1000) -> list[Post]:
    return posts(session).options(undefer(Post.body)).limit(limit).all()


def slim_posts(session: Session, limit: int = 1000) -> list[Post]:
    return posts(session).options(load_only(Post.id, Post.title), raiseload("*")).limit(limit).all()


def commented_posts(session: Session, limit: int = 1000) -> list[Post]:
    approved = with_loader_criteria(Comment, Comment.approved.is_(True))
    return posts(session).options(selectinload(Post.comments), approved).limit(limit).all()


def joined_posts(session: Session, limit: int = 1000) -> list[Post]:
    return posts(session).options(joinedload(Post.comments)).limit(limit).all()


def first_joined(session: Session) -> Post | None:
    return session.scalars(select(Post).options(joinedload(Post.labels)).order_by(Post.id)).first()


def profile(session: Session, user_id: int) -> Profile | None:
    user = session.query(User).get(user_id)
    if user is None:
        return None
    titles = [post.title for post in user.posts.order_by(Post.id).limit(50)]
    drafts = user.posts.filter(Post.published.is_(False)).count()
    return Profile(name=user.name, posts=titles, drafts=drafts)


def write(session: Session, body: PostIn) -> int:
    post = Post(title=body.title, body=body.body, user_id=body.user_id)
    for name in body.labels:
        post.labels.append(Label(name=name))
    session.add(post)
    session.flush()
    return post.id


def hide(session: Session) -> list[Comment]:
    shown = session.query(Comment).filter(Comment.approved.is_(True)).order_by(Comment.id).limit(20).all()
    for comment in shown:
        comment.approved = False
    session.commit()
    return shown


def approve(session: Session) -> int:
    waiting = session.query(Comment).filter(Comment.approved.is_(True)).limit(5000).all()
    for comment in waiting:
        comment.approved = False
    session.commit()
    return len(waiting)
