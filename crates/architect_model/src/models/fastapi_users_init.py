"""Management of users, where the environment does not have it. Source: fastapi_users of 10 to 15;
https://fastapi-users.github.io/fastapi-users/latest/. What a manager or a database does is left out, and unknown."""

from fastapi_users import models, schemas
from fastapi_users.exceptions import InvalidID, InvalidPasswordException
from fastapi_users.fastapi_users import FastAPIUsers
from fastapi_users.manager import BaseUserManager, IntegerIDMixin, UUIDIDMixin
