from typing import Annotated, Union

from fastapi.param_functions import Form
from fastapi.security.base import SecurityBase
from starlette.requests import Request


class OAuth2PasswordRequestForm:
    def __init__(
        self,
        *,
        grant_type: Annotated[Union[str, None], Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[Union[str, None], Form()] = None,
        client_secret: Annotated[Union[str, None], Form(json_schema_extra={"format": "password"})] = None,
    ):
        pass


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    pass


class OAuth2(SecurityBase):
    def __init__(self, *, flows=None, scheme_name=None, description=None, auto_error=True):
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self.model = {"type": "oauth2", "flows": flows or {}, "description": description}

    async def __call__(self, request: Request):
        return None


class OAuth2PasswordBearer(OAuth2):
    def __init__(
        self, tokenUrl, scheme_name=None, scopes=None, description=None, auto_error=True, refreshUrl=None, **options
    ):
        flow = {"scopes": scopes or {}, "tokenUrl": tokenUrl}
        if refreshUrl is not None:
            flow["refreshUrl"] = refreshUrl
        super().__init__(
            flows={"password": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )


class OAuth2AuthorizationCodeBearer(OAuth2):
    def __init__(
        self,
        authorizationUrl,
        tokenUrl,
        refreshUrl=None,
        scheme_name=None,
        scopes=None,
        description=None,
        auto_error=True,
        **options,
    ):
        flow = {"scopes": scopes or {}, "authorizationUrl": authorizationUrl, "tokenUrl": tokenUrl}
        if refreshUrl is not None:
            flow["refreshUrl"] = refreshUrl
        super().__init__(
            flows={"authorizationCode": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )


class SecurityScopes:
    def __init__(self, scopes=None):
        self.scopes = scopes or []
