from typing import Generic, TypeVar

from fastapi_users import models
from fastapi_users.authentication.strategy.base import Strategy

AP = TypeVar("AP")


class AccessTokenProtocol(Generic[models.ID]):
    token: str
    user_id: models.ID


class AccessTokenDatabase(Generic[AP]):
    pass


class DatabaseStrategy(Strategy, Generic[models.UP, models.ID, AP]):
    def __init__(self, database, lifetime_seconds=None):
        self.database = database
        self.lifetime_seconds = lifetime_seconds
