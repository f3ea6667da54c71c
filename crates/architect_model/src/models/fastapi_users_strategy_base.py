from typing import Generic

from fastapi_users import models


class StrategyDestroyNotSupportedError(Exception):
    pass


class Strategy(Generic[models.UP, models.ID]):
    pass
