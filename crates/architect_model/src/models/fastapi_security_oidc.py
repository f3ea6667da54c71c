from fastapi.security.base import SecurityBase
from starlette.requests import Request


class OpenIdConnect(SecurityBase):
    def __init__(self, *, openIdConnectUrl="", scheme_name=None, description=None, auto_error=True):
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self.model = {"type": "openIdConnect", "openIdConnectUrl": openIdConnectUrl, "description": description}

    async def __call__(self, request: Request):
        return None
