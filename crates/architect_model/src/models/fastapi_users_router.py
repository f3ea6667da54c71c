from fastapi_users.router.auth import get_auth_router
from fastapi_users.router.common import ErrorCode
from fastapi_users.router.register import get_register_router
from fastapi_users.router.reset import get_reset_password_router
from fastapi_users.router.users import get_users_router
from fastapi_users.router.verify import get_verify_router
from fastapi_users.router.oauth import get_oauth_associate_router, get_oauth_router
