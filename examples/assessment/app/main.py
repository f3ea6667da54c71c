"""The application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.api import health
from app.api.v1.router import build_api_router
from app.core.config import settings
from app.core.db import SessionLocal, engine
from app.core.errors import register_error_handlers
from app.models import Role
from app.schemas.user import UserCreate
from app.services import users as user_service

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Announce the service and release its connections at the end."""
    logger.info("%s started", settings.PROJECT_NAME)
    yield
    engine.dispose()


def register_routes(app: FastAPI) -> None:
    """Add all routes to an application."""
    app.include_router(health.router)
    app.include_router(build_api_router(), prefix=settings.API_V1_PREFIX)


def create_app() -> FastAPI:
    """Create the application."""
    app = FastAPI(title=settings.PROJECT_NAME, version="1.4.0", lifespan=lifespan)
    register_error_handlers(app)
    register_routes(app)

    @app.on_event("startup")
    def create_first_admin() -> None:
        if settings.FIRST_ADMIN_PASSWORD is None:
            return
        with SessionLocal() as db:
            if user_service.get_by_email(db, settings.FIRST_ADMIN_EMAIL) is None:
                admin = UserCreate(
                    email=settings.FIRST_ADMIN_EMAIL,
                    full_name="Administrator",
                    password=settings.FIRST_ADMIN_PASSWORD,
                )
                user_service.register(db, admin, role=Role.ADMIN)

    return app


app = create_app()
