from _architect import exists as _exists, resolve as _resolve


def join(first, *rest):
    result = str(first)
    for part in rest:
        part = str(part)
        result = part if part.startswith("/") else result.rstrip("/") + "/" + part
    return result


def dirname(path):
    return str(path).rpartition("/")[0]


def basename(path):
    return str(path).rpartition("/")[2]


def abspath(path):
    return _resolve(str(path))


realpath = abspath


def normpath(path):
    return str(path)


def expanduser(path):
    return str(path)


def exists(path):
    return _exists(str(path))


isfile = exists
isdir = exists


def splitext(path):
    head, dot, tail = str(path).rpartition(".")
    return (head, dot + tail) if dot else (tail, "")
