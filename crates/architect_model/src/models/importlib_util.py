"""Modules from files. Source: https://docs.python.org/3/library/importlib.html#importlib.util.spec_from_file_location."""

from _architect import module_at as _module_at


class _Loader:
    def __init__(self, path):
        self.path = path

    def exec_module(self, module):
        # It has run when it was made.
        return None

    def load_module(self, name=None):
        return _module_at(self.path)


class _ModuleSpec:
    def __init__(self, name, path):
        self.name = name
        self.origin = path
        self.loader = _Loader(path)


def spec_from_file_location(name, location=None, **options):
    return _ModuleSpec(name, str(location))


def module_from_spec(spec):
    return _module_at(spec.origin)
