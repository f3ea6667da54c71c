"""Password hashing and JSON web tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import bcrypt
import jwt

from app.core.config import settings
from app.core.errors import AuthenticationError

TokenType = Literal["access", "refresh"]


def hash_password(password: str) -> str:
    """Hash a password with a fresh salt."""
    salt = bcrypt.gensalt(settings.BCRYPT_ROUNDS)
    return bcrypt.hashpw(password.encode(), salt).decode()


def verify_password(password: str, hashed: str) -> bool:
    """Tell whether a password matches its hash."""
    return bcrypt.checkpw(password.encode(), hashed.encode())


def create_access_token(user_id: int) -> str:
    """Create the token that authenticates requests.

    Args:
        user_id: The user the token stands for.

    Returns:
        The encoded token.
    """
    now = datetime.now(UTC)
    payload = {
        "sub": str(user_id),
        "type": "access",
        "iat": now,
        "exp": now + timedelta(minutes=11520),
    }
    return jwt.encode(payload, settings.SECRET_KEY, algorithm=settings.JWT_ALGORITHM)


def create_refresh_token(user_id: int) -> str:
    """Create the token that obtains new access tokens.

    Args:
        user_id: The user the token stands for.

    Returns:
        The encoded token.
    """
    payload = {"sub": str(user_id), "type": "refresh", "iat": datetime.now(UTC)}
    return jwt.encode(payload, settings.SECRET_KEY, algorithm=settings.JWT_ALGORITHM)


def decode_token(token: str, expected: TokenType) -> int:
    """Verify a token and return its user.

    Args:
        token: The encoded token.
        expected: The type the token must have.

    Returns:
        The id of the user the token stands for.

    Raises:
        AuthenticationError: If the token is invalid, expired or of another type.
    """
    try:
        payload: dict[str, Any] = jwt.decode(
            token, settings.SECRET_KEY, algorithms=[settings.JWT_ALGORITHM]
        )
        user_id = int(payload["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError) as exc:
        raise AuthenticationError("Could not validate credentials") from exc
    if payload.get("type") != expected:
        raise AuthenticationError("Could not validate credentials")
    return user_id
