from fastapi.security.base import SecurityBase
from starlette.requests import Request


class APIKeyBase(SecurityBase):
    place = "header"

    def __init__(self, *, name, scheme_name=None, description=None, auto_error=True):
        self.name = name
        self.auto_error = auto_error
        self.scheme_name = scheme_name or type(self).__name__
        self.model = {"type": "apiKey", "in": self.place, "name": name, "description": description}

    async def __call__(self, request: Request):
        return None


class APIKeyQuery(APIKeyBase):
    place = "query"


class APIKeyHeader(APIKeyBase):
    pass


class APIKeyCookie(APIKeyBase):
    place = "cookie"
