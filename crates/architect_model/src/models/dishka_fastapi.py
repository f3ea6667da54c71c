"""Endpoints that dishka calls: what it hands to them is no parameter of theirs for FastAPI.

Source: dishka/integrations/fastapi.py of 1.4; https://dishka.readthedocs.io/en/stable/integrations/fastapi.html.
"""

from inspect import Signature, signature
from typing import get_args

from _architect import is_unknown as _is_unknown, set as _set
from dishka import FromComponent, FromDishka
from fastapi.routing import APIRoute


def _is_handed(parameter):
    for part in get_args(parameter.annotation):
        if isinstance(part, FromComponent):
            return True
    return False


def inject(func):
    asked = signature(func)
    if _is_unknown(asked):
        return func
    rest = [parameter for parameter in asked.parameters.values() if not _is_handed(parameter)]
    _set(func, "__signature__", Signature(rest))
    return func


inject_sync = inject


class DishkaRoute(APIRoute):
    def __init__(self, path, endpoint, **kwargs):
        super().__init__(path, inject(endpoint), **kwargs)


class DishkaSyncRoute(DishkaRoute):
    pass


def setup_dishka(container, app):
    app.state.dishka_container = container
