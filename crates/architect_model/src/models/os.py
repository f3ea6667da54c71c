from _architect import environ as _environ, exists as _exists, list_dir as _list_dir
from . import path

environ = _environ()
sep = "/"
name = "posix"


def getenv(key, default=None):
    return environ.get(key, default)


def fspath(value):
    return str(value)


def listdir(path="."):
    return [name for name, is_dir in _list_dir(str(path))]


def getcwd():
    return "."


def makedirs(*args, **kwargs):
    return None


def mkdir(*args, **kwargs):
    return None
