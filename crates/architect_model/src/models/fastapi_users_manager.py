from typing import Generic

from fastapi_users import models


class BaseUserManager(Generic[models.UP, models.ID]):
    reset_password_token_lifetime_seconds: int = 3600
    reset_password_token_audience: str = "fastapi-users:reset"
    verification_token_lifetime_seconds: int = 3600
    verification_token_audience: str = "fastapi-users:verify"

    def __init__(self, user_db, password_helper=None):
        self.user_db = user_db
        self.password_helper = password_helper


class UUIDIDMixin:
    pass


class IntegerIDMixin:
    pass
