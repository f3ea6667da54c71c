"""Patterns of names. Source: https://docs.python.org/3/library/fnmatch.html."""

from _architect import fnmatch as _fits


def fnmatchcase(name, pat):
    return _fits(str(name), str(pat))


fnmatch = fnmatchcase


def filter(names, pat):
    return [name for name in names if _fits(str(name), str(pat))]
