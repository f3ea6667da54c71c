from _architect import fields as _fields, is_unknown as _is_unknown, set as _set

MISSING = object()


class Field:
    def __init__(self, default=MISSING, default_factory=MISSING, init=True, metadata=None, **kwargs):
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.metadata = {} if metadata is None else metadata


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


def fields(class_or_instance):
    cls = class_or_instance if isinstance(class_or_instance, type) else type(class_or_instance)
    result = []
    for name, annotation, has_default, default in _fields(cls):
        if isinstance(default, Field):
            one = Field(default.default, default.default_factory)
            one.metadata = default.metadata
        else:
            one = Field(default if has_default else MISSING)
        one.name = name
        one.type = annotation
        result.append(one)
    return tuple(result)


def asdict(obj, *, dict_factory=dict):
    return dict_factory([(field.name, _plain(getattr(obj, field.name), asdict)) for field in fields(obj)])


def astuple(obj, *, tuple_factory=tuple):
    return tuple_factory([_plain(getattr(obj, field.name), astuple) for field in fields(obj)])


def _plain(value, convert):
    if value is None or _is_unknown(value) or isinstance(value, (str, int, float, bool, bytes, type)):
        return value
    if not isinstance(value, (list, dict)) and hasattr(value, "__dataclass_fields__"):
        return convert(value)
    if isinstance(value, list):
        return [_plain(item, convert) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, convert) for key, item in value.items()}
    return value


def replace(obj, **changes):
    given = {field.name: getattr(obj, field.name) for field in fields(obj) if field.init}
    return type(obj)(**{**given, **changes})
