"""The routes of version 1."""

from fastapi import APIRouter

from app.api.v1 import admin, auth, preferences, questions, responses, sessions, users


def build_api_router() -> APIRouter:
    """Collect the routers of all resources."""
    api_router = APIRouter()
    api_router.include_router(auth.router, prefix="/auth", tags=["auth"])
    for module in (users, questions, sessions, responses):
        api_router.include_router(module.router)
    api_router.include_router(
        preferences.router, prefix="/users/me/preferences", tags=["preferences"]
    )
    api_router.include_router(admin.router)
    return api_router
