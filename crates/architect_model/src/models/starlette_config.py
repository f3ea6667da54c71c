"""Settings from the environment and a file. Source: starlette/config.py; https://www.starlette.io/config/."""

from _architect import environ as _environ, exists as _exists, is_unknown as _is_unknown
from _architect import read_text as _read_text, unknown as _unknown


class undefined:
    pass


class EnvironError(Exception):
    pass


environ = _environ()


class Config:
    def __init__(self, env_file=None, environ=environ, env_prefix=""):
        self.environ = environ
        self.env_prefix = env_prefix
        self.file_values = {}
        if env_file is not None and not _is_unknown(env_file) and _exists(str(env_file)):
            self.file_values = self._read_file(str(env_file))

    def __call__(self, key, cast=None, default=undefined):
        return self.get(key, cast, default)

    def get(self, key, cast=None, default=undefined):
        key = self.env_prefix + key
        if key in self.environ:
            return self._perform_cast(key, self.environ[key], cast)
        if key in self.file_values:
            return self._perform_cast(key, self.file_values[key], cast)
        if default is not undefined:
            return self._perform_cast(key, default, cast)
        # The real one raises; a service that runs has been given a value.
        return _unknown("a setting without a default that the environment does not give")

    def _read_file(self, file_name):
        values = {}
        for line in (_read_text(file_name) or "").split("\n"):
            line = line.strip()
            if "=" in line and not line.startswith("#"):
                key, value = line.split("=", 1)
                values[key.strip()] = value.strip().strip("\"'")
        return values

    def _perform_cast(self, key, value, cast=None):
        if cast is None or value is None:
            return value
        if cast is bool and isinstance(value, str):
            value = value.lower()
            if value in ("true", "1"):
                return True
            if value in ("false", "0"):
                return False
            raise ValueError(f"Config '{key}' is not a valid bool.")
        return cast(value)
