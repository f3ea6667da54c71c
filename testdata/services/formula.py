"""Formulas of statements, `2 + N(Author)·(1 + N(Book)) + D(Genre)`, and what they come to.

`N(X)` is the number of rows of X, per row of what it stands inside of; `D(X)` the number of distinct X. Terms are
separated by ` + `, factors by `·`; `?` is what the program does not know.
"""

import re
from collections.abc import Callable

TOKEN = re.compile(r"\s*(\d+|[ND]\([^()]*\)|[()+·?])")


class Unknown(Exception):
    """The formula has a part that is not known."""


def evaluate(formula: str, count: Callable[[str, bool], int]) -> int:
    """The number of statements; `count` says how many X there are, and is told whether X is inside of another."""
    tokens = TOKEN.findall(formula)
    if "".join(tokens) != formula.replace(" ", ""):
        raise ValueError(formula)
    value, rest = total(tokens, count, nested=False)
    if rest:
        raise ValueError(formula)
    return value


def total(tokens: list[str], count: Callable[[str, bool], int], nested: bool) -> tuple[int, list[str]]:
    value, tokens = product(tokens, count, nested)
    while tokens and tokens[0] == "+":
        term, tokens = product(tokens[1:], count, nested)
        value += term
    return value, tokens


def product(tokens: list[str], count: Callable[[str, bool], int], nested: bool) -> tuple[int, list[str]]:
    value = 1
    while True:
        head, tokens = tokens[0], tokens[1:]
        if head == "?":
            raise Unknown
        if head == "(":
            factor, tokens = total(tokens, count, nested)
            tokens = tokens[1:]
        elif head.isdigit():
            factor = int(head)
        else:
            factor = count(head[2:-1], nested)
            nested = True
        value *= factor
        if not tokens or tokens[0] != "·":
            return value, tokens
        tokens = tokens[1:]
