"""Login and token refresh."""

from typing import Annotated

from fastapi import APIRouter, Depends, status
from fastapi.security import OAuth2PasswordRequestForm

from app.api.deps import SessionDep
from app.core.errors import AuthenticationError
from app.core.security import create_access_token, create_refresh_token, decode_token
from app.models import User
from app.schemas.auth import RefreshRequest, TokenPair
from app.schemas.user import UserCreate, UserRead
from app.services import users as user_service

router = APIRouter()


@router.post("/register", response_model=UserRead, status_code=status.HTTP_201_CREATED)
def register(data: UserCreate, db: SessionDep) -> User:
    """Create an account."""
    return user_service.register(db, data)


@router.post("/login")
async def login(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], db: SessionDep
) -> TokenPair:
    """Exchange an e-mail address and a password for tokens."""
    user = user_service.authenticate(db, form.username, form.password)
    return TokenPair(
        access_token=create_access_token(user.id),
        refresh_token=create_refresh_token(user.id),
    )


@router.post("/refresh")
def refresh(data: RefreshRequest, db: SessionDep) -> TokenPair:
    """Exchange a refresh token for an access token."""
    user = db.get(User, decode_token(data.refresh_token, "refresh"))
    if user is None or not user.is_active:
        raise AuthenticationError("Could not validate credentials")
    return TokenPair(
        access_token=create_access_token(user.id), refresh_token=data.refresh_token
    )
