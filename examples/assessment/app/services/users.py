"""Operations on users."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import AuthenticationError, ConflictError, NotFoundError
from app.core.security import hash_password, verify_password
from app.models import AuditEvent, NotificationPreference, Role, User
from app.schemas.user import UserCreate


def get_by_email(db: Session, email: str) -> User | None:
    """Return the user with an e-mail address, if any."""
    return db.scalar(select(User).where(User.email == email.lower()))


def get_user(db: Session, user_id: int) -> User:
    """Return a user.

    Raises:
        NotFoundError: If there is none with this id.
    """
    user = db.get(User, user_id)
    if user is None:
        raise NotFoundError("User not found")
    return user


def register(db: Session, data: UserCreate, role: Role = Role.CANDIDATE) -> User:
    """Create a user with default notification preferences.

    Args:
        db: The database session.
        data: The registration.
        role: What the new user may do.

    Returns:
        The new user.

    Raises:
        ConflictError: If the e-mail address is taken.
    """
    if get_by_email(db, data.email) is not None:
        raise ConflictError("Email address is already registered")
    user = User(
        email=data.email.lower(),
        full_name=data.full_name,
        hashed_password=hash_password(data.password),
        role=role,
        preference=NotificationPreference(),
    )
    db.add(user)
    db.commit()
    return user


def authenticate(db: Session, email: str, password: str) -> User:
    """Return the user with these credentials.

    Raises:
        AuthenticationError: If the credentials are wrong or the user is inactive.
    """
    user = get_by_email(db, email)
    if user is None or not verify_password(password, user.hashed_password):
        raise AuthenticationError("Incorrect email or password")
    if not user.is_active:
        raise AuthenticationError("Incorrect email or password")
    return user


def change_role(db: Session, actor: User, user_id: int, role: Role) -> User:
    """Change a user's role and leave an audit event; the caller commits."""
    user = get_user(db, user_id)
    detail = f"user {user.id}: {user.role} -> {role}"
    user.role = role
    db.add(AuditEvent(actor_id=actor.id, action="user.role_changed", detail=detail))
    return user


def deactivate(db: Session, actor: User, user_id: int) -> User:
    """Deactivate a user and leave an audit event; the caller commits."""
    if actor.id == user_id:
        raise ConflictError("You cannot deactivate yourself")
    user = get_user(db, user_id)
    user.is_active = False
    db.add(AuditEvent(actor_id=actor.id, action="user.deactivated", detail=f"user {user.id}"))
    return user
