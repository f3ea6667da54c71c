from fastapi import APIRouter, Depends, Request
from fastapi_users import models
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel


def get_register_router(get_user_manager, user_schema, user_create_schema):
    router = APIRouter()

    @router.post(
        "/register",
        response_model=user_schema,
        status_code=201,
        name="register:register",
        responses={400: {"model": ErrorModel}},
    )
    async def register(
        request: Request,
        user_create: user_create_schema,
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    return router
