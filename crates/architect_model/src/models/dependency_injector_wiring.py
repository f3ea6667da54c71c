"""Parameters that a container of dependency-injector fills.

Source: dependency-injector 4.48; https://python-dependency-injector.ets-labs.org/wiring.html. What a provider makes for a
request is decided where requests are walked.
"""


class _Marker:
    def __init__(self, provider=None):
        self.provider = provider

    def __getitem__(self, provider):
        return _Marker(provider)

    def __call__(self):
        return self.provider


class _Closing:
    def __getitem__(self, marker):
        return marker


Provide = _Marker()
Provider = _Marker()
Closing = _Closing()


def inject(fn):
    return fn


def wire(*args, **kwargs):
    return None


def unwire(*args, **kwargs):
    return None
