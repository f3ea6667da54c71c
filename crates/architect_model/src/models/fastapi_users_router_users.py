from fastapi import APIRouter, Depends, Request, Response
from fastapi_users import models
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel

_MISSING = {401: {"description": "Missing token or inactive user."}}
_OTHERS = {
    **_MISSING,
    403: {"description": "Not a superuser."},
    404: {"description": "The user does not exist."},
}


def get_users_router(get_user_manager, user_schema, user_update_schema, authenticator, requires_verification=False):
    router = APIRouter()
    get_current_active_user = authenticator.current_user(active=True, verified=requires_verification)
    get_current_superuser = authenticator.current_user(active=True, verified=requires_verification, superuser=True)

    async def get_user_or_404(
        id: str, user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager)
    ): ...

    @router.get("/me", response_model=user_schema, name="users:current_user", responses=_MISSING)
    async def me(user: models.UP = Depends(get_current_active_user)): ...

    @router.patch(
        "/me",
        response_model=user_schema,
        dependencies=[Depends(get_current_active_user)],
        name="users:patch_current_user",
        responses={**_MISSING, 400: {"model": ErrorModel}},
    )
    async def update_me(
        request: Request,
        user_update: user_update_schema,
        user: models.UP = Depends(get_current_active_user),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    @router.get(
        "/{id}",
        response_model=user_schema,
        dependencies=[Depends(get_current_superuser)],
        name="users:user",
        responses=_OTHERS,
    )
    async def get_user(user=Depends(get_user_or_404)): ...

    @router.patch(
        "/{id}",
        response_model=user_schema,
        dependencies=[Depends(get_current_superuser)],
        name="users:patch_user",
        responses={**_OTHERS, 400: {"model": ErrorModel}},
    )
    async def update_user(
        user_update: user_update_schema,
        request: Request,
        user=Depends(get_user_or_404),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    @router.delete(
        "/{id}",
        status_code=204,
        response_class=Response,
        dependencies=[Depends(get_current_superuser)],
        name="users:delete_user",
        responses=_OTHERS,
    )
    async def delete_user(
        request: Request,
        user=Depends(get_user_or_404),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    return router
