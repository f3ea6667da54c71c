"""What `map` and `review` say that requests do is what they do.

Every service with a `seed.py` is run on a database with 1, 10 and 100 rows of everything and its statements are counted, as
`before_cursor_execute` sees them (no BEGIN, COMMIT, SAVEPOINT; what background tasks execute is not part of a request).
For each endpoint the formula of `map --format json` has to give exactly that number; what `review` says of it has to
happen; and an endpoint of which it says nothing has to be clean.
"""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from formula import evaluate

HERE = Path(__file__).parent
SERVICES = sorted(seed.parent.name for seed in HERE.glob("*/seed.py"))
SIZES = (1, 10, 100)

# Rules by what has to be seen at run time.
GROWS = {"response-lazy-load", "n-plus-one-lazy-load", "query-in-loop", "write-per-row"}
RAISES = {
    "async-lazy-load": ("MissingGreenlet", "DetachedInstanceError"),
    "relationship-nulls-fk": ("IntegrityError",),
}
LEAKS = {"session-leak"}
HOLDS = {"session-held-during-stream"}

# Endpoints whose formula does not say everything, with the reason. What is said of them is checked all the same.
KNOWN: dict[tuple[str, str], str] = {
    ("tickets", "GET /tickets/tally"): "how often a `while` runs hangs on what it finds: the formula says `?`",
    ("tickets", "POST /tickets/lookup"): "how many batches there are is not counted: the formula says `?`",
}


def ask(*arguments: str) -> dict[str, Any]:
    command = [os.environ["ARCHITECT"], *arguments, "--format", "json", "--python", sys.prefix, "--quiet"]
    return json.loads(subprocess.run(command, check=False, capture_output=True, text=True).stdout)


@functools.cache
def costs(service: str) -> dict[str, dict[str, Any]]:
    """What each endpoint costs, by method and path."""
    out: dict[str, dict[str, Any]] = {}

    def add(routes: list[dict[str, Any]]) -> None:
        for route in routes:
            if route.get("cost"):
                out.update({f"{method} {route['path']}": route["cost"] for method in route["methods"]})
            add(route.get("routes") or [])

    add(ask("map", str(HERE / service))["routes"])
    return out


@functools.cache
def findings(service: str) -> list[dict[str, Any]]:
    return ask("review", str(HERE / service), "--all")["findings"]


@functools.cache
def run(service: str, n: int) -> dict[str, Any]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / "drive.py"), service, str(n), folder]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def place(location: dict[str, Any]) -> tuple[str, int]:
    return location["path"], location["line"]


def rules_of(service: str, route: str, sure: bool) -> dict[str, str]:
    """The rules that have something to say of an endpoint, with what they say: one whose trace starts there, or whose
    place is one that its statements pass."""
    cost = costs(service)[route]
    passed = {place(step["location"]) for term in cost["queries"] + cost["writes"] for step in term["trace"]}
    out = {}
    for finding in findings(service):
        if sure and finding["confidence"] != "high":
            continue
        texts = [finding["message"], *(step["message"] for step in finding["trace"])]
        named = any(f"`{route}`" in text for text in texts)
        if named or place(finding["location"]) in passed:
            out[finding["rule"]] = finding["message"]
    return out


def seen(service: str, route: str, n: int) -> dict[str, Any]:
    return run(service, n)["calls"][route]


def repeated(service: str, route: str, n: int) -> tuple[int, int]:
    """What must not grow with the rows: questions and commits. How many statements one flush takes is for SQLAlchemy."""
    call = seen(service, route, n)
    return sum(text.startswith(("SELECT", "WITH")) for text in call["statements"]), call["commits"]


def number(service: str, route: str, n: int) -> int:
    return len(seen(service, route, n)["statements"])


def endpoints() -> list[Any]:
    sys.path.insert(0, str(HERE))
    out = []
    for service in SERVICES:
        text = (HERE / service / "seed.py").read_text()
        space: dict[str, Any] = {}
        exec(compile(text, str(HERE / service / "seed.py"), "exec"), space)  # noqa: S102
        out += [pytest.param(service, call.route, id=f"{service}: {call.route}") for call in space["calls"](1)]
    return out


ENDPOINTS = endpoints()


@pytest.mark.parametrize("service", SERVICES)
def test_every_endpoint_is_called(service: str) -> None:
    assert set(costs(service)) == set(run(service, 1)["calls"])


def test_there_are_enough_of_them() -> None:
    assert len(SERVICES) >= 8 and len(ENDPOINTS) - len(KNOWN) >= 60


@pytest.mark.parametrize(("service", "route"), ENDPOINTS)
def test_the_formula_gives_the_number_of_statements(service: str, route: str) -> None:
    formula = costs(service)[route]["formula"]
    if (service, route) in KNOWN:
        assert "?" in formula and costs(service)[route]["unknown"], "it is known now"
        return
    counted = {n: number(service, route, n) for n in SIZES}
    if seen(service, route, SIZES[0])["error"]:
        # It does not get to the end: what the formula counts is the path that succeeds.
        assert set(rules_of(service, route, sure=False)) & set(RAISES)
        return

    def given(n: int) -> int:
        whole, call = run(service, n), seen(service, route, n)

        def count(name: str, nested: bool) -> int:
            if nested and name in whole["nested"]:
                return whole["nested"][name]
            return call["rows"].get(name, whole["rows"].get(name))

        return evaluate(formula, count)

    assert {n: given(n) for n in SIZES} == counted, formula


@pytest.mark.parametrize(("service", "route"), ENDPOINTS)
def test_what_is_said_of_it_happens(service: str, route: str) -> None:
    said = rules_of(service, route, sure=True)
    last = seen(service, route, SIZES[-1])
    if GROWS & set(said):
        assert number(service, route, SIZES[-1]) > number(service, route, SIZES[0]), said
    for rule, errors in RAISES.items():
        if rule in said:
            wanted = [error for error in errors if error in said[rule]] or errors
            assert any(error in last["error"] for error in wanted), said[rule]
    if LEAKS & set(said):
        assert last["open"] or last["failing"], said
    if HOLDS & set(rules_of(service, route, sure=False)):
        assert last["held"], said


def test_a_session_that_is_closed_before_it_streams_is_not_held() -> None:
    service, route = "tickets", "GET /export/released"
    assert not set(rules_of(service, route, sure=False)) & HOLDS
    assert not seen(service, route, SIZES[-1])["held"]


@pytest.mark.parametrize(("service", "route"), ENDPOINTS)
def test_where_nothing_is_said_nothing_happens(service: str, route: str) -> None:
    said = set(rules_of(service, route, sure=False))
    for n in SIZES:
        call = seen(service, route, n)
        if not said & set(RAISES):
            assert call["status"] < 400, call["error"]
        if not said & LEAKS:
            assert not call["open"] and not call["failing"]
    if not said & (GROWS | set(RAISES)) and (service, route) not in KNOWN:
        # Loops over no more than five are no matter.
        assert repeated(service, route, SIZES[-1]) == repeated(service, route, SIZES[1])
