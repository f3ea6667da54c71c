"""Regular expressions; finding the matches is `_architect.regex`. Source: https://docs.python.org/3/library/re.html."""

from _architect import is_unknown as _is_unknown, regex as _regex, unknown as _unknown

NOFLAG = 0
I = IGNORECASE = 2
L = LOCALE = 4
M = MULTILINE = 8
S = DOTALL = 16
U = UNICODE = 32
X = VERBOSE = 64
A = ASCII = 256


class error(Exception):
    pass


class Match:
    def __init__(self, pattern, string, start, end, groups, names):
        self.re = pattern
        self.string = string
        self._start = start
        self._end = end
        self._groups = groups
        self._names = names

    def group(self, *which):
        if not which:
            return self._groups[0]
        found = [self._groups[self._names[key] if isinstance(key, str) else key] for key in which]
        return found[0] if len(found) == 1 else tuple(found)

    def __getitem__(self, key):
        return self.group(key)

    def groups(self, default=None):
        return tuple([default if group is None else group for group in self._groups[1:]])

    def groupdict(self, default=None):
        return {name: default if self._groups[at] is None else self._groups[at] for name, at in self._names.items()}

    def start(self):
        return self._start

    def end(self):
        return self._end

    def span(self):
        return (self._start, self._end)

    def expand(self, template):
        for at, group in enumerate(self._groups):
            if group is not None and "\\" in group:
                return _unknown("a replacement with a backslash in it")
            template = template.replace(f"\\g<{at}>", group or "").replace(f"\\{at}", group or "")
        for name, at in self._names.items():
            template = template.replace(f"\\g<{name}>", self._groups[at] or "")
        return _unknown("a replacement with a backslash in it") if "\\" in template else template


class Pattern:
    def __init__(self, pattern, flags=0):
        self.pattern = pattern
        self.flags = flags

    def _matches(self, before, string, after):
        found = _regex(before, self.pattern, after, self.flags, string)
        if _is_unknown(found):
            return found
        return [Match(self, string, *parts) for parts in found]

    def _first(self, before, string, after):
        found = self._matches(before, string, after)
        if _is_unknown(found):
            return found
        return found[0] if found else None

    def search(self, string):
        return self._first("", string, "")

    def match(self, string):
        return self._first("\\A", string, "")

    def fullmatch(self, string):
        return self._first("\\A", string, "\\z")

    def finditer(self, string):
        return self._matches("", string, "")

    def findall(self, string):
        found = self._matches("", string, "")
        if _is_unknown(found):
            return found
        return [
            match.groups() if len(match._groups) > 2 else match._groups[-1] or "" for match in found
        ]

    def sub(self, repl, string, count=0):
        found = self._matches("", string, "")
        if _is_unknown(found):
            return found
        text = ""
        at = 0
        for match in found[:count] if count else found:
            text += string[at : match.start()] + (repl(match) if callable(repl) else match.expand(repl))
            at = match.end()
        return text + string[at:]

    def split(self, string, maxsplit=0):
        found = self._matches("", string, "")
        if _is_unknown(found):
            return found
        parts = []
        at = 0
        for match in found[:maxsplit] if maxsplit else found:
            parts.append(string[at : match.start()])
            parts.extend(match.groups())
            at = match.end()
        parts.append(string[at:])
        return parts


def compile(pattern, flags=0):
    return pattern if isinstance(pattern, Pattern) else Pattern(pattern, flags)


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)


def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string, count)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)


def escape(pattern):
    text = ""
    for letter in pattern:
        text += "\\" + letter if letter in "()[]{}?*+-|^$\\.&~# \t\n\r\v\f" else letter
    return text


def purge():
    return None
