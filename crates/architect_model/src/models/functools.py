from _architect import set as _set

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


partialmethod = partial


def lru_cache(maxsize=128, typed=False):
    return cache(maxsize) if callable(maxsize) else cache


def cache(function):
    # What is called without arguments has one result; the machine keeps it.
    _set(function, "__architect_cached__", True)
    return function


cached_property = property


def reduce(function, iterable, initial=None):
    result = initial
    for item in iterable:
        result = item if result is None else function(result, item)
    return result


def total_ordering(cls):
    return cls
