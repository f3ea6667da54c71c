class FieldInfo:
    def __init__(self, default=..., *, default_factory=None, alias=None, validation_alias=None, **options):
        self.default = default
        self.default_factory = default_factory
        self.alias = alias
        self.validation_alias = validation_alias
        self.options = options


def Field(default=..., *, default_factory=None, alias=None, validation_alias=None, **options):
    return FieldInfo(
        default, default_factory=default_factory, alias=alias, validation_alias=validation_alias, **options
    )


def PrivateAttr(default=None, *, default_factory=None, **options):
    return default_factory() if default_factory else default


def computed_field(function=None, **options):
    def decorator(value):
        return value if isinstance(value, property) or not callable(value) else property(value)

    return decorator if function is None else decorator(function)


class ModelPrivateAttr:
    pass
