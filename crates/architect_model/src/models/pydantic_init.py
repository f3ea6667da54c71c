from pydantic.fields import Field, PrivateAttr, computed_field
from pydantic.main import BaseModel, create_model


class RootModel(BaseModel):
    pass


def _decorator(*args, **options):
    def decorator(function):
        return function

    return decorator


field_validator = _decorator
model_validator = _decorator
field_serializer = _decorator
model_serializer = _decorator
validator = _decorator
root_validator = _decorator


class SecretStr:
    def __init__(self, value):
        self._value = value

    def get_secret_value(self):
        return self._value


def ConfigDict(**options):
    return options


class AnyUrl(str):
    pass


class AnyHttpUrl(AnyUrl):
    pass


class HttpUrl(AnyUrl):
    pass
