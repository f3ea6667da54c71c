"""The caller's notification preferences."""

from fastapi import APIRouter

from app.api.deps import CurrentUser, SessionDep
from app.models import NotificationPreference
from app.schemas.preference import PreferenceRead, PreferenceUpdate
from app.services import preferences as preference_service

router = APIRouter()


@router.get("", response_model=PreferenceRead)
def read_preferences(db: SessionDep, user: CurrentUser) -> NotificationPreference:
    """Return the caller's preferences."""
    return preference_service.get_preferences(db, user)


@router.put("", response_model=PreferenceRead)
def replace_preferences(
    data: PreferenceUpdate, db: SessionDep, user: CurrentUser
) -> NotificationPreference:
    """Replace the caller's preferences."""
    return preference_service.update_preferences(db, user, data)
