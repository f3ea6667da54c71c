"""Bodies of the admin and health endpoints."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class AuditEventRead(BaseModel):
    """An entry of the audit trail."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    actor_id: int | None
    action: str
    detail: str
    created_at: datetime


class Health(BaseModel):
    """Whether the service is up."""

    status: str


class Readiness(Health):
    """Whether the service can do its work."""

    database: str
