from typing import Generic

from fastapi_users import models
from fastapi_users.authentication.strategy.base import Strategy


class RedisStrategy(Strategy, Generic[models.UP, models.ID]):
    def __init__(self, redis, lifetime_seconds=None, *, key_prefix="fastapi_users_token:"):
        self.redis = redis
        self.lifetime_seconds = lifetime_seconds
        self.key_prefix = key_prefix
