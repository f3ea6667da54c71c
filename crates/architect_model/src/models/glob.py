"""Files by the form of their path. Source: https://docs.python.org/3/library/glob.html."""

from _architect import exists as _exists, fnmatch as _fits, is_unknown as _is_unknown, list_dir as _list_dir
from _architect import unknown as _unknown


def glob(pathname, *, root_dir=None, recursive=False, include_hidden=False):
    if _is_unknown(pathname) or _is_unknown(root_dir):
        return _unknown("files in a folder that is not known")
    pattern = str(pathname)
    folder = "" if root_dir is None else str(root_dir)
    start = "/" if pattern.startswith("/") else ""
    return _below(folder, start, [part for part in pattern.split("/") if part], recursive)


iglob = glob


def _below(folder, found, parts, recursive):
    """Paths that continue `found` by `parts`; relative ones are meant from `folder`."""
    if not parts:
        return [found.rstrip("/")]
    first = parts[0]
    rest = parts[1:]
    here = found or "."
    if folder and not found.startswith("/"):
        here = folder.rstrip("/") + "/" + found
    result = []
    if not any(letter in first for letter in "*?["):
        if _exists(here.rstrip("/") + "/" + first):
            result.extend(_below(folder, found + first + "/", rest, recursive))
        return result
    everywhere = first == "**" and recursive
    if everywhere and rest:
        result.extend(_below(folder, found, rest, recursive))
    for name, is_dir in _list_dir(here):
        if name.startswith(".") and not first.startswith("."):
            continue
        if everywhere:
            if not rest:
                result.append(found + name)
            if is_dir:
                result.extend(_below(folder, found + name + "/", parts, recursive))
        elif (is_dir or not rest) and _fits(name, first):
            result.extend(_below(folder, found + name + "/", rest, recursive))
    return result


def has_magic(text):
    return any(letter in text for letter in "*?[")


def escape(pathname):
    return pathname
