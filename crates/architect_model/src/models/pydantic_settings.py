"""Settings. Source: pydantic-settings 2; https://docs.pydantic.dev/latest/concepts/pydantic_settings/."""

import json
from enum import Enum

from _architect import env_file as _env_file, environ as _environ, fields as _fields, is_unknown as _is_unknown
from _architect import kind as _kind, set as _set, unknown as _unknown
from inspect import signature as _signature

from pydantic import ConfigDict
from pydantic.fields import FieldInfo
from pydantic.main import BaseModel, _default


class SettingsConfigDict(ConfigDict):
    pass


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
        if isinstance(kind, type) and issubclass(kind, Enum):
            try:
                return kind(text)
            except Exception:
                pass
    if isinstance(annotation, type) and issubclass(annotation, str):
        try:
            return annotation(text)
        except Exception:
            return text
    if getattr(annotation, "__name__", "") == "SecretStr":
        return annotation(text)
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except ValueError:
            return _unknown("a value of the environment in a form that is not modelled")
    return text


def _files(cls, given):
    """What the `.env` files hold, later ones win; a path that is not known is not read."""
    values = {}
    named = given if given is not None else _option(cls, "env_file", None)
    if named is None:
        return values
    for name in named if isinstance(named, (list, tuple)) else (named,):
        for key, value in _env_file(str(name)).items():
            values[key.lower()] = value
    return values


class _Info:
    def __init__(self, data, name):
        self.data = data
        self.field_name = name


def _validators(cls):
    """Validators by the fields they are told about."""
    found = {}
    for base in cls.__mro__:
        for member in vars(base).values():
            function = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
            if _kind(function) == "function":
                for name in getattr(function, "__architect_validates__", ()):
                    found.setdefault(name, []).append(function)
    return found


def _filled(cls, functions, name, values):
    """What validators make of a default of `None`: those of settings run on defaults, too."""
    value = None
    for function in functions:
        parameters = list(_signature(function).parameters)
        args = [cls, value] if parameters[:1] == ["cls"] else [value]
        if len(parameters) > len(args):
            args.append(values if parameters[len(args)] == "values" else _Info(values, name))
        try:
            value = function(*args)
        except Exception:
            return _unknown("a setting that a validator may fill in")
    return value


class BaseSettings(BaseModel):
    def __init__(self, _env_file=None, **data):
        environ = _files(type(self), _env_file)
        for key, value in _environ().items():
            environ[key.lower()] = value
        prefix = _option(type(self), "env_prefix", "").lower()
        delimiter = _option(type(self), "env_nested_delimiter", None)
        # A list: where a default is not known, what one side of the question added is there for the next one.
        validators = []
        for name, annotation, has_default, default in _fields(type(self)):
            keys = [prefix + name.lower()]
            if isinstance(default, FieldInfo):
                for alias in (default.alias, default.validation_alias, default.options.get("env", None)):
                    if isinstance(alias, str):
                        keys = [alias.lower()] + keys
            found = [key for key in keys if key in environ]
            nested = {}
            if delimiter and isinstance(annotation, type) and issubclass(annotation, BaseModel):
                start = prefix + name.lower() + delimiter.lower()
                nested = {key[len(start) :]: text for key, text in environ.items() if key.startswith(start)}
            if name in data:
                _set(self, name, data[name])
            elif found:
                _set(self, name, _convert(annotation, environ[found[0]]))
            elif nested:
                _set(self, name, annotation(**_nested(annotation, nested, delimiter.lower())))
            elif has_default:
                value = _member(annotation, _default(default))
                if value is None:
                    if not validators:
                        validators.append(_validators(type(self)))
                    value = _filled(type(self), validators[0].get(name, ()), name, vars(self))
                _set(self, name, value)
            else:
                _set(self, name, _unknown("a setting without a default that the environment does not give"))


def _nested(cls, texts, delimiter):
    values = {}
    for name, annotation, has_default, default in _fields(cls):
        if name.lower() in texts:
            values[name] = _convert(annotation, texts[name.lower()])
    return values
