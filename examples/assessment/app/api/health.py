"""Liveness and readiness probes."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import text

from app.core.db import get_db
from app.schemas.admin import Health, Readiness

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Health:
    """Tell that the process answers."""
    return Health(status="ok")


@router.get("/ready")
def ready(db: Any = get_db) -> Readiness:
    """Tell whether the database answers."""
    try:
        db.execute(text("SELECT 1"))
    except Exception:
        return Readiness(status="degraded", database="unreachable")
    return Readiness(status="ok", database="reachable")
