"""Parameters that a container of dishka fills. Source: dishka 1; https://dishka.readthedocs.io/en/stable/integrations/."""

from typing import Annotated as _Annotated, TypeVar as _TypeVar

_Handed = _TypeVar("_Handed")


class FromComponent:
    def __init__(self, component=""):
        self.component = component


FromDishka = _Annotated[_Handed, FromComponent()]
