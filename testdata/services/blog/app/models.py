"""Posts, their writers and what readers say."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Text
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import backref, deferred, relationship

from app.db import Base


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)

    @hybrid_property
    def shout(self):
        return self.name.upper()


class Post(Base):
    __tablename__ = "posts"

    id = Column(Integer, primary_key=True)
    title = Column(String(100), nullable=False)
    body = deferred(Column(Text, nullable=False))
    published = Column(Boolean, nullable=False, default=True)
    user_id = Column(Integer, ForeignKey("users.id"), nullable=False, index=True)
    user = relationship("User", backref=backref("posts", lazy="dynamic"))
    comments = relationship("Comment", back_populates="post")
    labels = relationship("Label", cascade="all, delete-orphan", order_by="Label.name")
    label_names = association_proxy("labels", "name")

    @hybrid_property
    def comment_count(self):
        return len(self.comments)


class Label(Base):
    __tablename__ = "labels"

    id = Column(Integer, primary_key=True)
    post_id = Column(Integer, ForeignKey("posts.id"), nullable=False, index=True)
    name = Column(String(30), nullable=False)


class Comment(Base):
    __tablename__ = "comments"

    id = Column(Integer, primary_key=True)
    post_id = Column(Integer, ForeignKey("posts.id"), index=True)
    text = Column(String(200), nullable=False)
    approved = Column(Boolean, nullable=False, default=True)
    post = relationship("Post", back_populates="comments")
