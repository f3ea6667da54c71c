from _architect import read_text as _read_text, unknown as _unknown


class TextIOWrapper:
    def __init__(self, name, mode):
        self.name = name
        text = _read_text(str(name)) if mode in ("r", "rt") else None
        self._text = _unknown("a file that is not part of the project") if text is None else text

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None

    def __iter__(self):
        return iter(self.readlines())

    def read(self):
        return self._text

    def readlines(self):
        return self._text.splitlines(True)

    def readline(self):
        return self.readlines()[0]

    def close(self):
        return None


def open(file, mode="r", *args, **options):
    return TextIOWrapper(file, mode)
