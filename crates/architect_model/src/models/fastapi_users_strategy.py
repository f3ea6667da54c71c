from typing import Generic

from fastapi_users import models
from fastapi_users.authentication.strategy.base import Strategy, StrategyDestroyNotSupportedError
from fastapi_users.authentication.strategy.db import AccessTokenDatabase, AccessTokenProtocol, DatabaseStrategy
from fastapi_users.authentication.strategy.jwt import JWTStrategy
from fastapi_users.authentication.strategy.redis import RedisStrategy
