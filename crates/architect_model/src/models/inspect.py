from _architect import kind as _kind, signature_parts as _parts, is_generator as _is_generator


class _empty:
    pass


class Parameter:
    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4
    empty = _empty

    def __init__(self, name, kind, *, default=_empty, annotation=_empty):
        self.name = name
        self.kind = kind
        self.default = default
        self.annotation = annotation

    def replace(self, **changes):
        return Parameter(
            changes.get("name", self.name),
            changes.get("kind", self.kind),
            default=changes.get("default", self.default),
            annotation=changes.get("annotation", self.annotation),
        )


class Signature:
    empty = _empty

    def __init__(self, parameters=None, *, return_annotation=_empty):
        if isinstance(parameters, dict):
            self.parameters = parameters
        else:
            self.parameters = {p.name: p for p in (parameters or [])}
        self.return_annotation = return_annotation

    def replace(self, **changes):
        parameters = changes.get("parameters", None)
        if parameters is None:
            parameters = list(self.parameters.values())
        return Signature(parameters, return_annotation=changes.get("return_annotation", self.return_annotation))


def signature(obj, **kwargs):
    rows, has_returns, returns = _parts(obj)
    parameters = []
    for name, kind, has_default, default, has_annotation, annotation in rows:
        parameters.append(
            Parameter(
                name, kind, default=default if has_default else _empty, annotation=annotation if has_annotation else _empty
            )
        )
    return Signature(parameters, return_annotation=returns if has_returns else _empty)


def isgeneratorfunction(obj):
    return _is_generator(obj)


def isclass(obj):
    return _kind(obj) == "class"


def ismethod(obj):
    return _kind(obj) == "method"


def isfunction(obj):
    return _kind(obj) in ("function", "coroutine function")


def isroutine(obj):
    return _kind(obj) in ("function", "coroutine function", "method")


def ismodule(obj):
    return _kind(obj) == "module"


def iscoroutinefunction(obj):
    return _kind(getattr(obj, "__func__", obj)) == "coroutine function"


def getmembers(obj, predicate=None):
    result = []
    for name in dir(obj):
        value = getattr(obj, name)
        if predicate is None or predicate(value):
            result.append((name, value))
    return result


def getdoc(obj):
    return obj.__doc__


def cleandoc(text):
    return text


def unwrap(func):
    while hasattr(func, "__wrapped__"):
        func = func.__wrapped__
    return func
