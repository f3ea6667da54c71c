from _architect import fields as _fields, is_unknown as _is_unknown, set as _set

MISSING = object()


class Field:
    def __init__(self, default=MISSING, default_factory=MISSING, **kwargs):
        self.default = default
        self.default_factory = default_factory


class InitVar:
    pass


def field(*, default=MISSING, default_factory=MISSING, **kwargs):
    return Field(default, default_factory, **kwargs)


def _init(self, *args, **kwargs):
    names = []
    passed_on = []
    for name, annotation, has_default, default in _fields(type(self)):
        names.append(name)
        origin = getattr(annotation, "__origin__", None)
        if not _is_unknown(origin) and origin is InitVar:
            passed_on.append(_given(name, len(names), args, kwargs, default if has_default else MISSING))
        elif name in kwargs:
            _set(self, name, kwargs[name])
        elif len(args) >= len(names):
            _set(self, name, args[len(names) - 1])
        elif isinstance(default, Field):
            if default.default is not MISSING:
                _set(self, name, default.default)
            elif default.default_factory is not MISSING:
                _set(self, name, default.default_factory())
        elif has_default:
            _set(self, name, default)
    if hasattr(self, "__post_init__"):
        self.__post_init__(*passed_on)


def _given(name, at, args, kwargs, default):
    if name in kwargs:
        return kwargs[name]
    if len(args) >= at:
        return args[at - 1]
    return default.default if isinstance(default, Field) else default


def dataclass(cls=None, **kwargs):
    def wrap(cls):
        _set(cls, "__architect_fields__", True)
        _set(cls, "__dataclass_fields__", True)
        if "__init__" not in cls.__dict__:
            _set(cls, "__init__", _init)
        return cls

    return wrap if cls is None else wrap(cls)


def is_dataclass(obj):
    return hasattr(obj, "__dataclass_fields__")
