import re
from inspect import Parameter, Signature

from fastapi import Depends, HTTPException, status
from makefun import with_signature


def name_to_variable_name(name):
    return re.sub(r"^[^a-zA-Z_]+", "", re.sub(r"[^0-9a-zA-Z_]", "", name))


def name_to_strategy_variable_name(name):
    return f"strategy_{name_to_variable_name(name)}"


class DuplicateBackendNamesError(Exception):
    pass


class Authenticator:
    def __init__(self, backends, get_user_manager):
        self.backends = backends
        self.get_user_manager = get_user_manager

    def current_user_token(
        self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None
    ):
        @with_signature(self._get_dependency_signature(get_enabled_backends))
        async def current_user_token_dependency(*args, **kwargs):
            return await self._authenticate(
                *args, optional=optional, active=active, verified=verified, superuser=superuser, **kwargs
            )

        return current_user_token_dependency

    def current_user(self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None):
        @with_signature(self._get_dependency_signature(get_enabled_backends))
        async def current_user_dependency(*args, **kwargs):
            user, _ = await self._authenticate(
                *args, optional=optional, active=active, verified=verified, superuser=superuser, **kwargs
            )
            return user

        return current_user_dependency

    async def _authenticate(
        self, *args, user_manager, optional=False, active=False, verified=False, superuser=False, **kwargs
    ):
        user, token = None, None
        for backend in self.backends:
            token = kwargs[name_to_variable_name(backend.name)]
            strategy = kwargs[name_to_strategy_variable_name(backend.name)]
            if token is not None:
                user = await strategy.read_token(token, user_manager)
                if user:
                    break
        status_code = status.HTTP_401_UNAUTHORIZED
        if user:
            status_code = status.HTTP_403_FORBIDDEN
            if active and not user.is_active:
                status_code = status.HTTP_401_UNAUTHORIZED
                user = None
            elif verified and not user.is_verified or superuser and not user.is_superuser:
                user = None
        if not user and not optional:
            raise HTTPException(status_code=status_code)
        return user, token

    def _get_dependency_signature(self, get_enabled_backends=None):
        kind = Parameter.POSITIONAL_OR_KEYWORD
        parameters = [Parameter(name="user_manager", kind=kind, default=Depends(self.get_user_manager))]
        for backend in self.backends:
            parameters += [
                Parameter(
                    name=name_to_variable_name(backend.name), kind=kind, default=Depends(backend.transport.scheme)
                ),
                Parameter(
                    name=name_to_strategy_variable_name(backend.name),
                    kind=kind,
                    default=Depends(backend.get_strategy),
                ),
            ]
        if get_enabled_backends is not None:
            parameters += [Parameter(name="enabled_backends", kind=kind, default=Depends(get_enabled_backends))]
        return Signature(parameters)
