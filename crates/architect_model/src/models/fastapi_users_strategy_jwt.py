from typing import Generic

from fastapi_users import models
from fastapi_users.authentication.strategy.base import Strategy


class JWTStrategy(Strategy, Generic[models.UP, models.ID]):
    def __init__(
        self, secret, lifetime_seconds, token_audience=["fastapi-users:auth"], algorithm="HS256", public_key=None
    ):
        self.secret = secret
        self.lifetime_seconds = lifetime_seconds
        self.token_audience = token_audience
        self.algorithm = algorithm
        self.public_key = public_key
