"""Authentication of Starlette. Source: starlette/authentication.py; https://www.starlette.io/authentication/."""


def requires(scopes, status_code=403, redirect=None):
    def decorator(func):
        func.__architect_requires__ = scopes
        return func

    return decorator


def has_required_scope(conn, scopes):
    from _architect import unknown

    return unknown("what the caller may do")


class AuthenticationError(Exception):
    pass


class AuthenticationBackend:
    async def authenticate(self, conn):
        raise NotImplementedError()


class AuthCredentials:
    def __init__(self, scopes=None):
        self.scopes = [] if scopes is None else list(scopes)


class BaseUser:
    pass


class SimpleUser(BaseUser):
    def __init__(self, username):
        self.username = username


class UnauthenticatedUser(BaseUser):
    pass
