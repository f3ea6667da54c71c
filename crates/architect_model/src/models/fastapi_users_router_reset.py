from fastapi import APIRouter, Body, Depends, Request
from fastapi_users import models
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel
from pydantic import EmailStr


def get_reset_password_router(get_user_manager):
    router = APIRouter()

    @router.post("/forgot-password", status_code=202, name="reset:forgot_password")
    async def forgot_password(
        request: Request,
        email: EmailStr = Body(..., embed=True),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    @router.post("/reset-password", name="reset:reset_password", responses={400: {"model": ErrorModel}})
    async def reset_password(
        request: Request,
        token: str = Body(...),
        password: str = Body(...),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    return router
