from glob import glob as _glob
from os import walk as _walk
from _architect import exists as _exists, fnmatch as _fits, list_dir as _list_dir, read_text as _read_text, resolve as _resolve


class PurePath:
    def __init__(self, *parts):
        text = ""
        for part in parts:
            part = str(part)
            text = part if not text or part.startswith("/") else text.rstrip("/") + "/" + part
        self._text = text or "."

    def __str__(self):
        return self._text

    def __fspath__(self):
        return self._text

    def __truediv__(self, other):
        return Path(self._text, other)

    def joinpath(self, *others):
        return Path(self._text, *others)

    @property
    def parent(self):
        return Path(self._text.rpartition("/")[0] or "/")

    @property
    def parents(self):
        result = []
        text = self._text
        while "/" in text:
            text = text.rpartition("/")[0]
            result.append(Path(text or "/"))
        return result

    @property
    def name(self):
        return self._text.rpartition("/")[2]

    @property
    def stem(self):
        name = self._text.rpartition("/")[2]
        return name.rpartition(".")[0] or name

    @property
    def suffix(self):
        head, dot, tail = self.name.rpartition(".")
        return dot + tail if dot else ""

    @property
    def parts(self):
        return tuple([part for part in self._text.split("/") if part])

    def with_suffix(self, suffix):
        return Path(self._text.removesuffix(self.suffix) + suffix)

    def with_name(self, name):
        return Path(self.parent, name)

    def is_relative_to(self, other):
        return self._text == str(other) or self._text.startswith(str(other).rstrip("/") + "/")

    def match(self, pattern):
        return _fits(self.name, str(pattern).rpartition("/")[2])

    def relative_to(self, other):
        return Path(self._text.removeprefix(str(other)).lstrip("/"))

    def as_posix(self):
        return self._text


class Path(PurePath):
    def resolve(self, *args, **kwargs):
        return Path(_resolve(self._text))

    def absolute(self):
        return self

    def expanduser(self):
        return self

    def exists(self):
        return _exists(self._text)

    is_file = exists
    is_dir = exists

    def mkdir(self, *args, **kwargs):
        return None

    def open(self, mode="r", *args, **options):
        return open(self._text, mode)

    def read_text(self, *args, **kwargs):
        return _read_text(self._text)

    def iterdir(self):
        return [Path(self._text, name) for name, is_dir in _list_dir(self._text)]

    def glob(self, pattern, **options):
        return [Path(self._text, path) for path in _glob(str(pattern), root_dir=self._text, recursive=True)]

    def rglob(self, pattern, **options):
        return self.glob("**/" + str(pattern))

    def walk(self, *args, **kwargs):
        return [(Path(folder), folders, files) for folder, folders, files in _walk(self._text)]


PosixPath = Path
PurePosixPath = PurePath
