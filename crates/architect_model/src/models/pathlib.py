from _architect import exists as _exists, list_dir as _list_dir, read_text as _read_text, resolve as _resolve


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
        return Path(self._text.rpartition(".")[0] + suffix)

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

    def glob(self, pattern):
        recursive = pattern.startswith("**/")
        suffix = pattern.removeprefix("**/")
        result = []
        for name, is_dir in _list_dir(self._text):
            if is_dir:
                if recursive and not name.startswith((".", "__")):
                    result.extend(Path(self._text, name).glob(pattern))
            elif suffix.startswith("*"):
                if name.endswith(suffix[1:]):
                    result.append(Path(self._text, name))
            elif name == suffix:
                result.append(Path(self._text, name))
        return result

    def rglob(self, pattern):
        return self.glob("**/" + pattern)


PosixPath = Path
PurePosixPath = PurePath
