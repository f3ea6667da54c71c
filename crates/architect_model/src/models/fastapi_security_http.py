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
    default_scheme = ""

    def __init__(
        self, *, scheme="", bearerFormat=None, realm=None, scheme_name=None, description=None, auto_error=True, **options
    ):
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self.model = {
            "type": "http",
            "scheme": self.default_scheme or scheme,
            "bearerFormat": bearerFormat,
            "description": description,
        }

    async def __call__(self, request: Request):
        return None


class HTTPBasic(HTTPBase):
    default_scheme = "basic"


class HTTPBearer(HTTPBase):
    default_scheme = "bearer"


class HTTPDigest(HTTPBase):
    default_scheme = "digest"
