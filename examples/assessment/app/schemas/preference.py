"""Bodies of the notification preference endpoints."""

from pydantic import BaseModel, ConfigDict


class PreferenceUpdate(BaseModel):
    """Which notifications a user wants."""

    email_enabled: bool
    session_finished: bool
    weekly_summary: bool


class PreferenceRead(PreferenceUpdate):
    """The stored preferences."""

    model_config = ConfigDict(from_attributes=True)
