"""Settings. Source: pydantic-settings 2; https://docs.pydantic.dev/latest/concepts/pydantic_settings/."""

from enum import Enum

from _architect import environ as _environ, fields as _fields, is_unknown as _is_unknown, set as _set
from _architect import unknown as _unknown

from pydantic.fields import FieldInfo
from pydantic.main import BaseModel, _default


def SettingsConfigDict(**options):
    return options


def NoDecode(*args):
    return None


def _option(cls, name, default):
    config = getattr(cls, "model_config", None)
    if isinstance(config, dict) and name in config:
        return config[name]
    inner = getattr(cls, "Config", None)
    if inner is not None and hasattr(inner, name):
        return getattr(inner, name)
    return default


def _member(annotation, value):
    """The member of an enumeration with this value, as text or as it is; defaults of settings are validated, too."""
    if _is_unknown(value):
        return value
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(kind, type) and issubclass(kind, Enum):
            for member in kind:
                if member.value == value or str(member.value) == value:
                    return member
    return value


def _convert(annotation, text):
    member = _member(annotation, text)
    if member is not text:
        return member
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if kind is bool:
            return text.lower() in ("1", "true", "yes", "on", "t", "y")
        if kind is int:
            try:
                return int(text)
            except ValueError:
                pass
        if kind is float:
            try:
                return float(text)
            except ValueError:
                pass
        if kind is str:
            return text
    if isinstance(annotation, type) and issubclass(annotation, str):
        try:
            return annotation(text)
        except Exception:
            return text
    if getattr(annotation, "__name__", "") == "SecretStr":
        return annotation(text)
    if not text.startswith(("[", "{")):
        return text
    return _unknown("a value of the environment in a form that is not modelled")


class BaseSettings(BaseModel):
    def __init__(self, **data):
        environ = {}
        for key, value in _environ().items():
            environ[key.lower()] = value
        prefix = _option(type(self), "env_prefix", "").lower()
        for name, annotation, has_default, default in _fields(type(self)):
            keys = [prefix + name.lower()]
            if isinstance(default, FieldInfo):
                for alias in (default.alias, default.validation_alias, default.options.get("env", None)):
                    if isinstance(alias, str):
                        keys = [alias.lower()] + keys
            found = [key for key in keys if key in environ]
            if name in data:
                _set(self, name, data[name])
            elif found:
                _set(self, name, _convert(annotation, environ[found[0]]))
            elif has_default:
                _set(self, name, _member(annotation, _default(default)))
            else:
                _set(self, name, _unknown("a setting without a default that the environment does not give"))
