from _architect import environ as _environ, exists as _exists, is_unknown as _is_unknown, list_dir as _list_dir
from _architect import unknown as _unknown
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


def walk(top, topdown=True, onerror=None, followlinks=False):
    if _is_unknown(top):
        return _unknown("files in a folder that is not known")
    top = str(top)
    entries = _list_dir(top)
    folders = [name for name, is_dir in entries if is_dir]
    result = [(top, folders, [name for name, is_dir in entries if not is_dir])]
    for name in folders:
        result.extend(walk(top.rstrip("/") + "/" + name))
    return result


class DirEntry:
    def __init__(self, folder, name, is_dir):
        self.name = name
        self.path = folder.rstrip("/") + "/" + name
        self._is_dir = is_dir

    def is_dir(self, **options):
        return self._is_dir

    def is_file(self, **options):
        return not self._is_dir

    def __fspath__(self):
        return self.path


def scandir(path="."):
    return [DirEntry(str(path), name, is_dir) for name, is_dir in _list_dir(str(path))]


def getcwd():
    return "."


def makedirs(*args, **kwargs):
    return None


def mkdir(*args, **kwargs):
    return None
