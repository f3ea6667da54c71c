from fastapi.security.base import SecurityBase
from pydantic import BaseModel
from starlette.requests import Request


class HTTPBasicCredentials(BaseModel):
    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    scheme: str
    credentials: str


class HTTPBase(SecurityBase):
    def __init__(self, *, scheme="", scheme_name=None, description=None, auto_error=True, **options):
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error

    async def __call__(self, request: Request):
        return None


class HTTPBasic(HTTPBase):
    pass


class HTTPBearer(HTTPBase):
    pass


class HTTPDigest(HTTPBase):
    pass
