"""Containers of providers.

Source: dependency-injector 4.48; https://python-dependency-injector.ets-labs.org/containers/index.html.
"""


class WiringConfiguration:
    def __init__(self, modules=None, packages=None, from_package=None, auto_wire=True, keep_cache=False):
        self.modules = modules


class Container:
    def wire(self, modules=None, packages=None, from_package=None, warn_unresolved=False, keep_cache=None):
        return None

    def unwire(self):
        return None

    def init_resources(self, *args):
        return None

    def shutdown_resources(self, *args):
        return None

    def check_dependencies(self):
        return None

    def reset_singletons(self):
        return None


class DynamicContainer(Container):
    pass


class DeclarativeContainer(Container):
    pass


def override(container):
    return lambda overriding: overriding


def copy(container):
    return lambda copied: copied
