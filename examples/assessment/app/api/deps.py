"""Dependencies shared by the endpoints."""

import logging
from collections.abc import Callable, Iterator
from typing import Annotated

from fastapi import Depends, Query
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from app.core.config import settings
from app.core.db import SessionLocal, get_db
from app.core.errors import AuthenticationError, PermissionDeniedError
from app.core.security import decode_token
from app.models import Role, User

logger = logging.getLogger(__name__)

oauth2_scheme = OAuth2PasswordBearer(tokenUrl=f"{settings.API_V1_PREFIX}/auth/login")

SessionDep = Annotated[Session, Depends(get_db)]
TokenDep = Annotated[str, Depends(oauth2_scheme)]


def get_audited_db() -> Iterator[Session]:
    """Yield a session that is committed together with its audit events."""
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except Exception:
        logger.exception("audited transaction rolled back")
        db.rollback()
    finally:
        db.close()


AuditedSessionDep = Annotated[Session, Depends(get_audited_db)]


def get_current_user(db: SessionDep, token: TokenDep) -> User:
    """Return the user the access token stands for.

    Raises:
        AuthenticationError: If the token is invalid or the user is gone.
    """
    user = db.get(User, decode_token(token, "access"))
    if user is None or not user.is_active:
        raise AuthenticationError("Could not validate credentials")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def require_role(*roles: Role) -> Callable[[User], User]:
    """Build a dependency that admits only users with one of the roles."""

    def check_role(user: CurrentUser) -> User:
        if user.role not in roles:
            raise PermissionDeniedError("Not enough permissions")
        return user

    return check_role


EditorUser = Annotated[User, Depends(require_role(Role.EDITOR, Role.ADMIN))]
AdminUser = Annotated[User, Depends(require_role(Role.ADMIN))]


class Page:
    """The part of a list a client asks for."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> None:
        self.limit = limit
        self.offset = offset


PageDep = Annotated[Page, Depends()]
