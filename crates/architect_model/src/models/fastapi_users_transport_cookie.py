from fastapi.security import APIKeyCookie
from fastapi_users.authentication.transport.base import Transport


class CookieTransport(Transport):
    def __init__(
        self,
        cookie_name="fastapiusersauth",
        cookie_max_age=None,
        cookie_path="/",
        cookie_domain=None,
        cookie_secure=True,
        cookie_httponly=True,
        cookie_samesite="lax",
    ):
        self.cookie_name = cookie_name
        self.cookie_max_age = cookie_max_age
        self.cookie_path = cookie_path
        self.cookie_domain = cookie_domain
        self.cookie_secure = cookie_secure
        self.cookie_httponly = cookie_httponly
        self.cookie_samesite = cookie_samesite
        self.scheme = APIKeyCookie(name=self.cookie_name, auto_error=False)

    @staticmethod
    def get_openapi_login_responses_success():
        return {204: {"model": None}}

    @staticmethod
    def get_openapi_logout_responses_success():
        return {204: {"model": None}}
