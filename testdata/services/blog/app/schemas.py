"""What the blog takes and answers."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class UserOut(Record):
    shout: str


class PostTitle(Record):
    title: str


class PostFull(PostTitle):
    body: str


class PostLabelled(PostTitle):
    label_names: list[str]


class PostCounted(PostTitle):
    comment_count: int


class CommentOut(Record):
    text: str


class PostCommented(PostTitle):
    comments: list[CommentOut]


class PostSigned(PostTitle):
    user: Any

    @field_serializer("user")
    def name_of_user(self, user: Any) -> str:
        return user.name


class PostIn(BaseModel):
    title: str
    body: str
    user_id: int
    labels: list[str] = []


class Profile(BaseModel):
    name: str
    posts: list[str]
    drafts: int
