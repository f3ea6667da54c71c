from fastapi.security import OAuth2PasswordBearer
from fastapi_users.authentication.transport.base import Transport
from pydantic import BaseModel


class BearerResponse(BaseModel):
    access_token: str
    token_type: str


class BearerTransport(Transport):
    def __init__(self, tokenUrl):
        self.scheme = OAuth2PasswordBearer(tokenUrl, auto_error=False)

    @staticmethod
    def get_openapi_login_responses_success():
        return {200: {"model": BearerResponse}}
