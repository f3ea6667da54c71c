from typing import List

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi_users import models
from fastapi_users.authentication import Strategy
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel
from httpx_oauth.integrations.fastapi import OAuth2AuthorizeCallback
from pydantic import BaseModel


class OAuth2AuthorizeResponse(BaseModel):
    authorization_url: str


def get_oauth_router(oauth_client, backend, get_user_manager, state_secret, redirect_url=None, *args, **options):
    router = APIRouter()
    callback_route_name = f"oauth:{oauth_client.name}.{backend.name}.callback"
    oauth2_authorize_callback = OAuth2AuthorizeCallback(oauth_client, route_name=callback_route_name)

    @router.get(
        "/authorize",
        name=f"oauth:{oauth_client.name}.{backend.name}.authorize",
        response_model=OAuth2AuthorizeResponse,
    )
    async def authorize(
        request: Request, response: Response, scopes: List[str] = Query(None)
    ) -> OAuth2AuthorizeResponse: ...

    @router.get("/callback", name=callback_route_name, responses={400: {"model": ErrorModel}})
    async def callback(
        request: Request,
        access_token_state=Depends(oauth2_authorize_callback),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
        strategy: Strategy[models.UP, models.ID] = Depends(backend.get_strategy),
    ): ...

    return router


def get_oauth_associate_router(
    oauth_client,
    authenticator,
    get_user_manager,
    user_schema,
    state_secret,
    redirect_url=None,
    requires_verification=False,
    *args,
    **options,
):
    router = APIRouter()
    get_current_active_user = authenticator.current_user(active=True, verified=requires_verification)
    callback_route_name = f"oauth-associate:{oauth_client.name}.callback"
    oauth2_authorize_callback = OAuth2AuthorizeCallback(oauth_client, route_name=callback_route_name)

    @router.get(
        "/authorize",
        name=f"oauth-associate:{oauth_client.name}.authorize",
        response_model=OAuth2AuthorizeResponse,
    )
    async def authorize(
        request: Request,
        response: Response,
        scopes: List[str] = Query(None),
        user: models.UP = Depends(get_current_active_user),
    ) -> OAuth2AuthorizeResponse: ...

    @router.get(
        "/callback", response_model=user_schema, name=callback_route_name, responses={400: {"model": ErrorModel}}
    )
    async def callback(
        request: Request,
        user: models.UP = Depends(get_current_active_user),
        access_token_state=Depends(oauth2_authorize_callback),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    return router
