"""Fields. Source: pydantic/fields.py of 2; https://docs.pydantic.dev/latest/api/fields/."""

from _architect import set as _set

# How annotated_types and pydantic print a constraint of a field, by its keyword.
_CONSTRAINTS = {
    "gt": "Gt(gt=",
    "ge": "Ge(ge=",
    "lt": "Lt(lt=",
    "le": "Le(le=",
    "multiple_of": "MultipleOf(multiple_of=",
    "min_length": "MinLen(min_length=",
    "max_length": "MaxLen(max_length=",
    "strict": "Strict(strict=",
    "pattern": "_PydanticGeneralMetadata(pattern=",
}


class FieldInfo:
    # Names of arguments that say nothing of the schema, which classes of other libraries add.
    options_aside = ()

    def __init__(self, default=..., *, default_factory=None, alias=None, validation_alias=None, **options):
        self.default = default
        self.default_factory = default_factory
        self.alias = alias
        self.validation_alias = validation_alias
        self.options = options

    def __repr__(self):
        required = self.default is ... and self.default_factory is None
        parts = ["annotation=NoneType", f"required={required}"]
        if self.default is not ...:
            parts.append(f"default={self.default!r}")
        if self.default_factory is not None:
            parts.append(f"default_factory={self.default_factory.__name__}")
        if self.alias is not None:
            parts.append(f"alias={self.alias!r}")
            parts.append("alias_priority=2")
        if self.validation_alias is not None and self.validation_alias != self.alias:
            parts.append(f"validation_alias={self.validation_alias!r}")
        for name in (
            "serialization_alias",
            "title",
            "description",
            "examples",
            "exclude",
            "discriminator",
            "deprecated",
            "json_schema_extra",
            "frozen",
            "validate_default",
            "repr",
            "init",
            "init_var",
            "kw_only",
        ):
            value = self.options.get(name)
            if value is None or (name == "repr" and value is True) or (name == "frozen" and value is False):
                continue
            parts.append(f"{name}={value!r}")
        metadata = [
            f"{text}{self.options[name]!r})" for name, text in _CONSTRAINTS.items() if self.options.get(name) is not None
        ]
        if metadata:
            parts.append(f"metadata=[{', '.join(metadata)}]")
        return f"FieldInfo({', '.join(parts)})"


def Field(default=..., *, default_factory=None, alias=None, validation_alias=None, **options):
    return FieldInfo(
        default, default_factory=default_factory, alias=alias, validation_alias=validation_alias, **options
    )


def PrivateAttr(default=None, *, default_factory=None, **options):
    return default_factory() if default_factory else default


def computed_field(function=None, **options):
    def decorator(value):
        _set(value, "__architect_computed__", True)
        return value if isinstance(value, property) or not callable(value) else property(value)

    return decorator if function is None else decorator(function)


class ModelPrivateAttr:
    pass
