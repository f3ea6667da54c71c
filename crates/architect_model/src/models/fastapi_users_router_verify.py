from fastapi import APIRouter, Body, Depends, Request
from fastapi_users import models
from fastapi_users.manager import BaseUserManager
from fastapi_users.router.common import ErrorModel
from pydantic import EmailStr


def get_verify_router(get_user_manager, user_schema):
    router = APIRouter()

    @router.post("/request-verify-token", status_code=202, name="verify:request-token")
    async def request_verify_token(
        request: Request,
        email: EmailStr = Body(..., embed=True),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    @router.post("/verify", response_model=user_schema, name="verify:verify", responses={400: {"model": ErrorModel}})
    async def verify(
        request: Request,
        token: str = Body(..., embed=True),
        user_manager: BaseUserManager[models.UP, models.ID] = Depends(get_user_manager),
    ): ...

    return router
