"""Configurable classes and applications. Source: traitlets 5; https://traitlets.readthedocs.io/en/stable/config.html.

What configuration files say is not known: traits have the defaults that the code gives them.
"""

import logging

from traitlets import HasTraits, Unicode


class Config(dict):
    pass


class Configurable(HasTraits):
    def __init__(self, **kwargs):
        self.parent = kwargs.pop("parent", None)
        self.config = kwargs.pop("config", Config())
        super().__init__(**kwargs)


class LoggingConfigurable(Configurable):
    log = logging.getLogger()


class SingletonConfigurable(LoggingConfigurable):
    @classmethod
    def instance(cls, *args, **kwargs):
        made = cls.__dict__.get("_instance")
        if made is None:
            made = cls(*args, **kwargs)
            cls._instance = made
        return made


class Application(SingletonConfigurable):
    name = Unicode("application")
    version = Unicode("0.0")
    extra_args = ()

    def initialize(self, argv=None):
        self.parse_command_line(argv)

    def parse_command_line(self, argv=None):
        return None

    def load_config_file(self, filename=None, path=None):
        return None

    def start(self):
        return None

    def exit(self, exit_status=0):
        return None

    @classmethod
    def launch_instance(cls, argv=None, **kwargs):
        app = cls.instance(**kwargs)
        app.initialize(argv)
        app.start()


def catch_config_error(method):
    return method
