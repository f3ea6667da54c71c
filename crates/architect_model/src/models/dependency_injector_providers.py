"""Providers: what makes an object, and with what.

Source: dependency-injector 4.48; https://python-dependency-injector.ets-labs.org/providers/index.html.
"""


class Provider:
    def __init__(self, provides=None, *args, **kwargs):
        self.provides = provides
        self.args = args
        self.kwargs = kwargs

    def __call__(self, *args, **kwargs):
        if self.provides is None:
            return None
        given = [one() if isinstance(one, Provider) else one for one in self.args]
        named = {name: one() if isinstance(one, Provider) else one for name, one in self.kwargs.items()}
        named.update(kwargs)
        return self.provides(*given, *args, **named)

    @property
    def provider(self):
        return self

    def override(self, provider):
        return None

    def reset(self):
        return None


class Callable(Provider):
    pass


class Coroutine(Callable):
    pass


class Factory(Provider):
    pass


class AbstractFactory(Factory):
    pass


class BaseSingleton(Provider):
    pass


class Singleton(BaseSingleton):
    pass


class ThreadSafeSingleton(BaseSingleton):
    pass


class ThreadLocalSingleton(BaseSingleton):
    pass


class ContextLocalSingleton(BaseSingleton):
    pass


class Resource(Provider):
    pass


class Object(Provider):
    def __call__(self, *args, **kwargs):
        return self.provides


class Container(Provider):
    def __getattr__(self, name):
        return getattr(self.provides, name)


class Configuration:
    def __init__(self, name="config", **kwargs):
        self._name = name

    def __getattr__(self, name):
        return Configuration(name)

    def __call__(self, *args, **kwargs):
        return self
