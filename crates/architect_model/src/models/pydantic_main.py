"""Models. Source: pydantic 2; https://docs.pydantic.dev/latest/concepts/models/."""

from _architect import fields as _fields, set as _set, setting as _setting, unknown as _unknown

from typing import Annotated

from pydantic.fields import _CONSTRAINTS, FieldInfo


def _default(default):
    if isinstance(default, FieldInfo):
        if default.default_factory is not None:
            return default.default_factory()
        if default.default is ...:
            return _unknown("a required field that is not given")
        return default.default
    return default


class _ModelFields:
    def __get__(self, instance, owner):
        fields = {}
        for name, annotation, has_default, default in _fields(owner):
            if not isinstance(default, FieldInfo):
                default = FieldInfo(default) if has_default else FieldInfo()
            shown = FieldInfo(
                default.default,
                default_factory=default.default_factory,
                alias=default.alias,
                validation_alias=default.validation_alias,
                **default.options,
            )
            shown.annotation = annotation
            for option, value in default.options.items():
                _set(shown, option, value)
            fields[name] = shown
        return fields


class BaseModel:
    __architect_fields__ = True
    model_fields = _ModelFields()
    __architect_generic_module__ = _setting("pydantic.generic_module") == "caller"

    def __init__(self, **data):
        for name, annotation, has_default, default in _fields(type(self)):
            if name in data:
                _set(self, name, data[name])
            elif isinstance(default, FieldInfo) and default.alias in data:
                _set(self, name, data[default.alias])
            elif has_default:
                _set(self, name, _default(default))
            else:
                _set(self, name, _unknown("a required field that is not given"))

    @staticmethod
    def __architect_parameter__(name, annotation, has_default, default):
        """A field in `inspect.signature` of its model: the default itself, and of the annotation what constrains."""
        if isinstance(default, FieldInfo):
            if default.alias is not None and default.alias.isidentifier():
                name = default.alias
            has_default = default.default is not ... or default.default_factory is not None
            options = {key: value for key, value in default.options.items() if key in _CONSTRAINTS}
            if options:
                annotation = Annotated[annotation, FieldInfo(**options)]
            default = _default(default) if has_default else None
        return name, annotation, has_default, default

    @classmethod
    def model_validate(cls, obj, **options):
        return cls(**obj) if isinstance(obj, dict) else _unknown("a validated object")

    @classmethod
    def model_rebuild(cls, **options):
        return None

    def model_dump(self, **options):
        return dict(self.__dict__)

    def model_copy(self, **options):
        return self


def create_model(name, /, *, __config__=None, __doc__=None, __base__=None, __module__=None, **fields):
    bases = __base__ if isinstance(__base__, tuple) else (__base__ or BaseModel,)
    namespace = {"__annotations__": {}}
    if __config__ is not None:
        namespace["model_config"] = __config__
    if __doc__ is not None:
        namespace["__doc__"] = __doc__
    if __module__ is not None:
        namespace["__module__"] = __module__
    for field, definition in fields.items():
        if field.startswith("__"):
            continue
        if isinstance(definition, tuple):
            namespace["__annotations__"][field] = definition[0]
            if len(definition) > 1 and definition[1] is not ...:
                namespace[field] = definition[1]
        else:
            namespace["__annotations__"][field] = definition
    return type(name, bases, namespace)
