from typing import TypedDict

from _architect import set as _set

from pydantic.fields import Field, PrivateAttr, computed_field
from pydantic.main import BaseModel, create_model


class RootModel(BaseModel):
    pass


def _decorator(*args, **options):
    def decorator(function):
        return function

    return decorator


def field_serializer(*names, **options):
    def decorator(function):
        _set(_plain(function), "__architect_serializes__", names)
        _set(_plain(function), "__architect_serializer__", options)
        return function

    return decorator


def model_serializer(function=None, **options):
    def decorator(function):
        _set(_plain(function), "__architect_serializes__", True)
        _set(_plain(function), "__architect_serializer__", options)
        return function

    return decorator if function is None else decorator(function)


def _plain(function):
    return function.__func__ if isinstance(function, (staticmethod, classmethod)) else function


def model_validator(*args, mode="after", **options):
    def decorator(function):
        if mode != "after":
            _set(_plain(function), "__architect_rewrites__", mode)
        return function

    return decorator


def root_validator(function=None, pre=False, **options):
    def decorator(function):
        if pre:
            _set(_plain(function), "__architect_rewrites__", "before")
        return function

    return decorator if function is None else decorator(function)


def field_validator(*names, **options):
    def decorator(function):
        _set(_plain(function), "__architect_validates__", names)
        return function

    return decorator


validator = field_validator


class AliasGenerator:
    def __init__(self, alias=None, validation_alias=None, serialization_alias=None):
        self.alias = alias
        self.validation_alias = validation_alias
        self.serialization_alias = serialization_alias


class AliasPath:
    def __init__(self, first_arg, *args):
        self.path = [first_arg, *args]


class AliasChoices:
    def __init__(self, first_choice, *choices):
        self.choices = [first_choice, *choices]


class SecretStr:
    def __init__(self, value):
        self._value = value

    def get_secret_value(self):
        return self._value


class ConfigDict(TypedDict):
    pass


class AnyUrl(str):
    pass


class AnyHttpUrl(AnyUrl):
    pass


class HttpUrl(AnyUrl):
    pass


# That of Pydantic 1; 2 has them in a package of their own.
from pydantic.env_settings import BaseSettings
