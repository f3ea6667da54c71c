"""Bodies of the user endpoints."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from app.models import Role


class UserCreate(BaseModel):
    """A registration."""

    email: EmailStr
    full_name: str = Field(min_length=1, max_length=120)
    password: str = Field(min_length=10, max_length=72)


class UserUpdate(BaseModel):
    """What a user may change about themselves."""

    full_name: str = Field(min_length=1, max_length=120)


class UserRead(BaseModel):
    """A user, as others see them."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: EmailStr
    full_name: str
    role: Role
    is_active: bool
    created_at: datetime


class RoleUpdate(BaseModel):
    """A change of role."""

    role: Role
