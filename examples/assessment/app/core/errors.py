"""Domain errors and their translation to HTTP."""

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse


class AppError(Exception):
    """Base of the errors a service may raise.

    Attributes:
        status_code: The HTTP status the error is reported with.
        detail: What went wrong, for the client.
    """

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class AuthenticationError(AppError):
    """The caller is not who they claim to be."""

    status_code = status.HTTP_401_UNAUTHORIZED


class PermissionDeniedError(AppError):
    """The caller may not do this."""

    status_code = status.HTTP_403_FORBIDDEN


class NotFoundError(AppError):
    """The resource does not exist, or not for this caller."""

    status_code = status.HTTP_404_NOT_FOUND


class ConflictError(AppError):
    """The resource's state does not allow the operation."""

    status_code = status.HTTP_409_CONFLICT


async def handle_app_error(_request: Request, exc: AppError) -> JSONResponse:
    """Report a domain error as JSON."""
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(exc, AuthenticationError) else None
    return JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=headers)


def register_error_handlers(app: FastAPI) -> None:
    """Install the handlers of domain errors."""
    app.add_exception_handler(AppError, handle_app_error)  # type: ignore[arg-type]
