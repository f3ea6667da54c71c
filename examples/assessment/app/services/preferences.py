"""Operations on notification preferences."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import NotificationPreference, User
from app.schemas.preference import PreferenceUpdate


def get_preferences(db: Session, user: User) -> NotificationPreference:
    """Return a user's preferences, creating the defaults if there are none."""
    preference = db.scalar(
        select(NotificationPreference).where(NotificationPreference.user_id == user.id)
    )
    if preference is None:
        preference = NotificationPreference(user_id=user.id)
        db.add(preference)
        db.commit()
    return preference


def update_preferences(
    db: Session, user: User, data: PreferenceUpdate
) -> NotificationPreference:
    """Replace a user's preferences."""
    preference = get_preferences(db, user)
    for field, value in data.model_dump().items():
        setattr(preference, field, value)
    db.commit()
    return preference
