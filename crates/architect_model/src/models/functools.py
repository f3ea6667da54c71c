from _architect import kind as _kind, is_unknown as _is_unknown, remember as _remember, set as _set
from _architect import signature_parts as _parts, unknown as _unknown

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__")


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=()):
    for attr in WRAPPER_ASSIGNMENTS:
        if hasattr(wrapped, attr):
            _set(wrapper, attr, getattr(wrapped, attr))
    _set(wrapper, "__wrapped__", wrapped)
    return wrapper


def wraps(wrapped, assigned=None, updated=None):
    def decorator(wrapper):
        return update_wrapper(wrapper, wrapped)

    return decorator


class partial:
    def __init__(self, func, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __call__(self, *args, **kwargs):
        return self.func(*self.args, *args, **{**self.keywords, **kwargs})


class partialmethod:
    def __init__(self, func, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, instance, owner=None):
        func = self.func
        if isinstance(func, partialmethod):
            func = func.__get__(instance, owner)
            return partial(func, *self.args, **self.keywords)
        if isinstance(func, classmethod):
            return partial(func.__func__, owner, *self.args, **self.keywords)
        if isinstance(func, staticmethod):
            return partial(func.__func__, *self.args, **self.keywords)
        if instance is None:
            return partial(func, *self.args, **self.keywords)
        return partial(func, instance, *self.args, **self.keywords)


class _Dispatch:
    """What `singledispatch` makes of a function: one that asks for the class of its first argument."""

    def __init__(self, function):
        self.registry = {object: function}
        update_wrapper(self, function)

    def register(self, cls, func=None):
        if func is not None:
            self.registry[cls] = func
            return func
        if _kind(cls) == "class":
            return lambda func: self.register(cls, func)
        rows, has_returns, returns = _parts(cls)
        for name, kind, has_default, default, has_annotation, annotation in rows:
            if has_annotation:
                self.registry[annotation] = cls
                return cls
        return cls

    def dispatch(self, cls):
        if _is_unknown(cls):
            return _unknown("which function handles a type that is not known")
        for base in cls.__mro__:
            if base in self.registry:
                return self.registry[base]
        return self.registry[object]

    def __call__(self, *args, **kwargs):
        return self.dispatch(type(args[0]))(*args, **kwargs)


def singledispatch(function):
    return _Dispatch(function)


class singledispatchmethod:
    def __init__(self, func):
        self.dispatcher = _Dispatch(func)
        self.func = func

    def register(self, cls, method=None):
        return self.dispatcher.register(cls, method)

    def __get__(self, instance, owner=None):
        def call(*args, **kwargs):
            return self.dispatcher.dispatch(type(args[0]))(instance, *args, **kwargs)

        return call


def cache(function):
    return _remember(function)


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return cache(maxsize)
    return cache


cached_property = property


def reduce(function, iterable, initial=None):
    result = initial
    for item in iterable:
        result = item if result is None else function(result, item)
    return result


def total_ordering(cls):
    return cls
