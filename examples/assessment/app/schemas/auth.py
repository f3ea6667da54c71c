"""Bodies of the authentication endpoints."""

from pydantic import BaseModel


class TokenPair(BaseModel):
    """What a successful login returns."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"


class RefreshRequest(BaseModel):
    """A request for a new access token."""

    refresh_token: str
