from fastapi import HTTPException, Request


class OAuth2AuthorizeCallbackError(HTTPException):
    pass


class OAuth2AuthorizeCallback:
    def __init__(self, client, route_name=None, redirect_url=None):
        self.client = client
        self.route_name = route_name
        self.redirect_url = redirect_url

    async def __call__(
        self,
        request: Request,
        code: str | None = None,
        code_verifier: str | None = None,
        state: str | None = None,
        error: str | None = None,
    ): ...
