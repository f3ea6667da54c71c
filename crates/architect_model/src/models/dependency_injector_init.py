"""dependency-injector 4.48; https://python-dependency-injector.ets-labs.org/."""

from . import containers, providers, wiring
