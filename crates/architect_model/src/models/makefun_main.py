"""Functions with a signature made at run time, which the library compiles from text.

Source: makefun 1; https://smarie.github.io/python-makefun/.
"""

from functools import partial as _partial
from inspect import Parameter, Signature, signature

from _architect import copy_function as _copy, set as _set, unknown as _unknown


def _rename(function, func_name, qualname, doc, module_name, attrs):
    if func_name is not None:
        _set(function, "__name__", func_name)
        _set(function, "__qualname__", qualname or func_name)
    elif qualname is not None:
        _set(function, "__qualname__", qualname)
    if doc is not None:
        _set(function, "__doc__", doc)
    if module_name is not None:
        _set(function, "__module__", module_name)
    for name, value in attrs.items():
        _set(function, name, value)
    return function


def create_function(
    func_signature, func_impl, func_name=None, inject_as_first_arg=False, add_source=True, add_impl=True, doc=None,
    qualname=None, co_name=None, module_name=None, **attrs
):
    created = _copy(func_impl)
    if created is None:

        def created(*args, **kwargs):
            return func_impl(*args, **kwargs)

    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        if hasattr(func_impl, name):
            _set(created, name, getattr(func_impl, name))
    if isinstance(func_signature, str):
        func_signature = _unknown("a signature that is given as text")
    _set(created, "__signature__", func_signature)
    if add_impl:
        _set(created, "__func_impl__", func_impl)
    return _rename(created, func_name, qualname, doc, module_name, attrs)


def with_signature(
    func_signature, func_name=None, inject_as_first_arg=False, add_source=True, add_impl=True, doc=None, qualname=None,
    co_name=None, module_name=None, **attrs
):
    def decorator(function):
        if func_signature is None and co_name is None:
            return _rename(function, func_name, qualname, doc, module_name, attrs)
        return create_function(
            func_signature, function, func_name=func_name, add_impl=add_impl, doc=doc, qualname=qualname,
            module_name=module_name, **attrs
        )

    return decorator


def remove_signature_parameters(s, *param_names):
    return s.replace(parameters=[p for p in s.parameters.values() if p.name not in param_names])


def add_signature_parameters(s, first=(), last=(), custom=(), custom_idx=-1):
    first = [first] if isinstance(first, Parameter) else list(first)
    last = [last] if isinstance(last, Parameter) else list(last)
    own = list(s.parameters.values())
    if custom_idx >= 0:
        own = own[:custom_idx] + list(custom) + own[custom_idx:]
    rest = [p for p in own if p.kind == Parameter.VAR_KEYWORD]
    own = [p for p in own if p.kind != Parameter.VAR_KEYWORD]
    return s.replace(parameters=first + own + last + rest)


def wraps(
    wrapped_fun, new_sig=None, prepend_args=None, append_args=None, remove_args=None, func_name=None,
    inject_as_first_arg=False, add_source=True, add_impl=True, doc=None, qualname=None, co_name=None, module_name=None,
    **attrs
):
    sig = signature(wrapped_fun) if new_sig is None else new_sig
    if remove_args:
        sig = remove_signature_parameters(sig, *([remove_args] if isinstance(remove_args, str) else remove_args))
    if prepend_args:
        sig = add_signature_parameters(sig, first=prepend_args)
    if append_args:
        sig = add_signature_parameters(sig, last=append_args)

    def decorator(function):
        return create_function(
            sig,
            function,
            func_name=func_name or wrapped_fun.__name__,
            add_impl=add_impl,
            doc=doc or wrapped_fun.__doc__,
            qualname=qualname or (func_name or wrapped_fun.__qualname__),
            module_name=module_name or wrapped_fun.__module__,
            **{**wrapped_fun.__dict__, "__wrapped__": wrapped_fun, **attrs},
        )

    return decorator


def create_wrapper(wrapped, wrapper, **options):
    return wraps(wrapped, **options)(wrapper)


def partial(f, *preset_pos_args, **preset_kwargs):
    return _partial(f, *preset_pos_args, **preset_kwargs)


def with_partial(*preset_pos_args, **preset_kwargs):
    def decorator(f):
        return _partial(f, *preset_pos_args, **preset_kwargs)

    return decorator
