from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm
from fastapi_users import models
from fastapi_users.authentication import Strategy
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel


def get_auth_router(backend, get_user_manager, authenticator, requires_verification=False):
    router = APIRouter()
    get_current_user_token = authenticator.current_user_token(active=True, verified=requires_verification)

    @router.post(
        "/login",
        name=f"auth:{backend.name}.login",
        responses={400: {"model": ErrorModel}, **backend.transport.get_openapi_login_responses_success()},
    )
    async def login(
        request: Request,
        credentials: OAuth2PasswordRequestForm = Depends(),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
        strategy: Strategy[models.UP, models.ID] = Depends(backend.get_strategy),
    ): ...

    @router.post(
        "/logout",
        name=f"auth:{backend.name}.logout",
        responses={
            401: {"description": "Missing token or inactive user."},
            **backend.transport.get_openapi_logout_responses_success(),
        },
    )
    async def logout(
        user_token=Depends(get_current_user_token),
        strategy: Strategy[models.UP, models.ID] = Depends(backend.get_strategy),
    ): ...

    return router
