from typing import Generic, Protocol, TypeVar

ID = TypeVar("ID")


class UserProtocol(Protocol[ID]):
    id: ID
    email: str
    hashed_password: str
    is_active: bool
    is_superuser: bool
    is_verified: bool


UP = TypeVar("UP", bound=UserProtocol)
OAP = TypeVar("OAP")
UOAP = TypeVar("UOAP")
