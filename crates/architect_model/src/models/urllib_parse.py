"""Parts of URLs. Source: urllib/parse.py; https://docs.python.org/3/library/urllib.parse.html."""

from _architect import quote as _quote, unquote as _unquote
from collections import namedtuple


class SplitResult(namedtuple("SplitResult", "scheme netloc path query fragment")):
    def geturl(self):
        return urlunsplit(self)

    @property
    def hostname(self):
        host = self.netloc.rpartition("@")[2].partition(":")[0]
        return host.lower() or None

    @property
    def port(self):
        port = self.netloc.rpartition("@")[2].partition(":")[2]
        return int(port) if port else None

    @property
    def username(self):
        name = self.netloc.rpartition("@")[0].partition(":")[0]
        return name or None

    @property
    def password(self):
        word = self.netloc.rpartition("@")[0].partition(":")[2]
        return word or None


class ParseResult(namedtuple("ParseResult", "scheme netloc path params query fragment")):
    geturl = SplitResult.geturl
    hostname = SplitResult.hostname
    port = SplitResult.port
    username = SplitResult.username
    password = SplitResult.password

    def geturl(self):
        return urlunparse(self)


def urlsplit(url, scheme="", allow_fragments=True):
    rest, mark, fragment = url.partition("#")
    rest, mark, query = rest.partition("?")
    head, colon, tail = rest.partition(":")
    if colon and head.isalpha():
        scheme = head.lower()
        rest = tail
    netloc = ""
    if rest.startswith("//"):
        netloc, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    return SplitResult(scheme, netloc, rest, query, fragment)


def urlparse(url, scheme="", allow_fragments=True):
    parts = urlsplit(url, scheme)
    path, mark, params = parts.path.partition(";")
    return ParseResult(parts.scheme, parts.netloc, path, params, parts.query, parts.fragment)


def urlunsplit(parts):
    scheme, netloc, path, query, fragment = parts
    url = path
    if netloc:
        url = "//" + netloc + ("" if not url or url.startswith("/") else "/") + url
    if scheme:
        url = scheme + ":" + url
    if query:
        url = url + "?" + query
    if fragment:
        url = url + "#" + fragment
    return url


def urlunparse(parts):
    scheme, netloc, path, params, query, fragment = parts
    return urlunsplit((scheme, netloc, path + (";" + params if params else ""), query, fragment))


def urljoin(base, url, allow_fragments=True):
    if not base:
        return url
    if not url:
        return base
    start = urlsplit(base)
    to = urlsplit(url, start.scheme)
    if to.scheme != start.scheme:
        return url
    if to.netloc:
        return urlunsplit(to)
    if not to.path:
        return urlunsplit((start.scheme, start.netloc, start.path, to.query or start.query, to.fragment))
    if to.path.startswith("/"):
        parts = to.path.split("/")
    else:
        parts = start.path.split("/")[:-1] + to.path.split("/")
    path = []
    for part in parts:
        if part == "..":
            if len(path) > 1:
                path.pop()
        elif part != ".":
            path.append(part)
    if parts[-1] in (".", ".."):
        path.append("")
    return urlunsplit((start.scheme, start.netloc, "/".join(path) or "/", to.query, to.fragment))


def quote(string, safe="/", encoding=None, errors=None):
    return _quote(string, safe)


def quote_plus(string, safe="", encoding=None, errors=None):
    return _quote(string, safe + " ").replace(" ", "+")


def unquote(string, encoding="utf-8", errors="replace"):
    return _unquote(string)


def unquote_plus(string, encoding="utf-8", errors="replace"):
    return _unquote(string.replace("+", " "))


def urlencode(query, doseq=False, safe="", encoding=None, errors=None, quote_via=quote_plus):
    pairs = query.items() if isinstance(query, dict) else query
    return "&".join([quote_via(str(key), safe) + "=" + quote_via(str(value), safe) for key, value in pairs])
