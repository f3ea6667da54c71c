"""Users."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import select

from app.api.deps import AdminUser, CurrentUser, SessionDep
from app.models import NotificationPreference, User
from app.schemas.preference import PreferenceRead
from app.schemas.user import UserRead, UserUpdate
from app.services import preferences as preference_service
from app.services import users as user_service

router = APIRouter(prefix="/users", tags=["users"])


@router.get("", response_model=list[UserRead])
def list_users(db: SessionDep, _admin: AdminUser) -> Sequence[User]:
    """List the users."""
    return db.scalars(select(User).order_by(User.id)).all()


@router.get("/me", response_model=UserRead)
def read_me(user: CurrentUser) -> User:
    """Return the caller."""
    return user


@router.patch("/me", response_model=UserRead)
def update_me(data: UserUpdate, db: SessionDep, user: CurrentUser) -> User:
    """Change the caller's profile."""
    user.full_name = data.full_name
    db.commit()
    return user


@router.get("/me/preferences", response_model=PreferenceRead)
def read_my_preferences(db: SessionDep, user: CurrentUser) -> NotificationPreference:
    """Return the caller's notification preferences."""
    return preference_service.get_preferences(db, user)


@router.get("/{user_id}", response_model=UserRead)
def read_user(user_id: int, db: SessionDep, _admin: AdminUser) -> User:
    """Return a user."""
    return user_service.get_user(db, user_id)
