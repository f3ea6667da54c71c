"""How a service of this folder is called: what its `seed.py` says."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request, which succeeds.

    `rows` says how many rows the statements of this endpoint find, where these are not all rows of their table: by the
    name that the formula uses, `N(Book)` for `Book`. `failing` is a path on which the endpoint raises: what it leaves
    open then is looked at, too.
    """

    route: str
    path: str = ""
    json: Any = None
    rows: dict[str, int] = field(default_factory=dict)
    failing: str = ""

    @property
    def method(self) -> str:
        return self.route.split(" ", 1)[0]

    @property
    def url(self) -> str:
        return self.path or self.route.split(" ", 1)[1]
