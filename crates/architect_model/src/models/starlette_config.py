"""Configuration. Source: starlette/config.py; https://www.starlette.io/config/."""

from _architect import env_file as _env_file, environ as _environ, unknown as _unknown


class undefined:
    pass


class EnvironError(Exception):
    pass


class Environ:
    def __init__(self, environ=None):
        self._environ = _environ() if environ is None else environ

    def __getitem__(self, key):
        return self._environ[key]

    def __setitem__(self, key, value):
        self._environ[key] = value

    def get(self, key, default=None):
        return self._environ.get(key, default)


environ = Environ()


class Config:
    def __init__(self, env_file=None, environ=None, env_prefix="", encoding="utf-8"):
        self.environ = _environ() if environ is None else environ
        self.env_prefix = env_prefix
        self.file_values = {} if env_file is None else _env_file(str(env_file))

    def __call__(self, key, cast=None, default=undefined):
        return self.get(key, cast, default)

    def get(self, key, cast=None, default=undefined):
        key = self.env_prefix + key
        value = self.environ.get(key, None)
        if value is None:
            value = self.file_values.get(key, None)
        if value is not None:
            return self._perform_cast(key, value, cast)
        if default is not undefined:
            return self._perform_cast(key, default, cast)
        # The program does not start without it; what depends on it is not known.
        return _unknown("a setting without a default that the environment does not give")

    def _perform_cast(self, key, value, cast=None):
        if cast is None or value is None:
            return value
        if cast is bool and isinstance(value, str):
            return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), False)
        return cast(value)
