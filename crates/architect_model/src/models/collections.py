"""Containers. Source: https://docs.python.org/3/library/collections.html."""

import typing

from _architect import caller_module as _caller_module, class_body as _class_body, is_unknown as _is_unknown
from _architect import set as _set, unknown as _unknown

OrderedDict = dict


class _NamedTuple(tuple):
    """What classes of named tuples have in common; also those derived from `typing.NamedTuple`, of which it is a base."""

    _fields = ()
    _field_defaults = {}

    def __init_subclass__(cls, **kwargs):
        is_first = typing.NamedTuple in cls.__bases__
        if _is_unknown(is_first) or not is_first:
            return
        fields = []
        defaults = {}
        for name, annotation, has_value, value in _class_body(cls):
            if annotation is not None:
                fields.append(name)
                if has_value:
                    defaults[name] = value
        _set(cls, "_fields", tuple(fields))
        _set(cls, "_field_defaults", defaults)
        _set(cls, "__match_args__", tuple(fields))
        _set(cls, "__architect_fields__", True)

    def __new__(cls, *args, **kwargs):
        made = object.__new__(cls)
        at = 0
        for name in cls._fields:
            if name in kwargs:
                _set(made, name, kwargs[name])
            elif _is_unknown(len(args)):
                _set(made, name, _unknown("a field of a named tuple"))
            elif at < len(args):
                _set(made, name, args[at])
            elif name in cls._field_defaults:
                _set(made, name, cls._field_defaults[name])
            else:
                _set(made, name, _unknown("a field of a named tuple"))
            at += 1
        return made

    @classmethod
    def _make(cls, iterable):
        return cls(*iterable)

    def _asdict(self):
        return {name: getattr(self, name) for name in self._fields}

    def _replace(self, **changes):
        return type(self)(**{**self._asdict(), **changes})

    def __iter__(self):
        return tuple([getattr(self, name) for name in self._fields])

    def __len__(self):
        return len(self._fields)

    def __getitem__(self, index):
        return self.__iter__()[index]

    def __contains__(self, item):
        return item in self.__iter__()

    def __eq__(self, other):
        return self.__iter__() == (other.__iter__() if isinstance(other, _NamedTuple) else other)

    def __add__(self, other):
        return self.__iter__() + tuple(other)

    def index(self, item):
        return list(self.__iter__()).index(item)


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    fields = tuple([str(name) for name in field_names])
    return _named(typename, fields, defaults)


def _typed(typename, fields=None, **kwargs):
    """`typing.NamedTuple` that is called."""
    return _named(typename, tuple([name for name, annotation in fields or kwargs.items()]), None)


def _named(typename, fields, defaults):
    defaults = list(defaults or [])
    body = {
        "__module__": _caller_module(),
        "_fields": fields,
        "__match_args__": fields,
        "_field_defaults": dict(zip(fields[len(fields) - len(defaults) :], defaults)),
    }
    return type(typename, (_NamedTuple,), body)


class defaultdict:
    def __init__(self, factory=None, *args, **kwargs):
        self._factory = factory
        self._data = {}

    def __getitem__(self, key):
        if key not in self._data:
            self._data[key] = self._factory()
        return self._data[key]

    def __setitem__(self, key, value):
        self._data[key] = value

    def __contains__(self, key):
        return key in self._data

    def __iter__(self):
        return self._data

    def get(self, key, default=None):
        return self._data.get(key, default)

    def items(self):
        return self._data.items()

    def keys(self):
        return self._data.keys()

    def values(self):
        return self._data.values()


deque = list
