"""Listeners that hear of mapped classes. Source: sqlalchemy/event/api.py and sqlalchemy/orm/events.py of 2.0;
https://docs.sqlalchemy.org/en/20/orm/events.html#sqlalchemy.orm.MapperEvents.instrument_class."""

_instrument = []


def listen(target, identifier, fn, *args, **options):
    if identifier == "instrument_class":
        _instrument.append((target, fn))


def listens_for(target, identifier, *args, **options):
    def decorator(fn):
        listen(target, identifier, fn)
        return fn

    return decorator


def contains(target, identifier, fn):
    return (target, fn) in _instrument


def remove(target, identifier, fn):
    if (target, fn) in _instrument:
        _instrument.remove((target, fn))


def instrument(mapper, cls):
    """Tells listeners to all mappers, and to the parents of a class, that it has been mapped."""
    for target, fn in _instrument:
        if not isinstance(target, type) or target in cls.__mro__ or target is type(mapper):
            fn(mapper, cls)
