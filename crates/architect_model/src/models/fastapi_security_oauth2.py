from typing import Annotated, Union

from fastapi.param_functions import Form
from fastapi.security.base import SecurityBase
from starlette.requests import Request


class OAuth2PasswordRequestForm:
    def __init__(
        self,
        *,
        grant_type: Annotated[Union[str, None], Form()] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[Union[str, None], Form()] = None,
        client_secret: Annotated[Union[str, None], Form()] = None,
    ):
        pass


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    pass


class OAuth2(SecurityBase):
    def __init__(self, *args, flows=None, scheme_name=None, description=None, auto_error=True, **options):
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error

    async def __call__(self, request: Request):
        return None


class OAuth2PasswordBearer(OAuth2):
    pass


class OAuth2AuthorizationCodeBearer(OAuth2):
    pass


class SecurityScopes:
    def __init__(self, scopes=None):
        self.scopes = scopes or []
