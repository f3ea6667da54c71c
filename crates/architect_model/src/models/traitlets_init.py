"""Classes with traits. Source: traitlets 5; https://traitlets.readthedocs.io/en/stable/using_traitlets.html."""

from _architect import set as _set, unknown as _unknown


class TraitType:
    default_value = None

    def __init__(self, default_value=..., allow_none=False, **metadata):
        self.name = None
        self.given = self.default_value if default_value is ... else default_value

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        maker = getattr(type(instance), "_default_of_" + self.name, None)
        if maker is not None:
            return maker(instance)
        return self.made()

    def made(self):
        return self.given

    def tag(self, **metadata):
        return self


class Any(TraitType):
    pass


class Bool(TraitType):
    default_value = False


class CBool(Bool):
    pass


class Int(TraitType):
    default_value = 0


class CInt(Int):
    pass


class Float(TraitType):
    default_value = 0.0


class CFloat(Float):
    pass


class Unicode(TraitType):
    default_value = ""


class CUnicode(Unicode):
    pass


class Bytes(TraitType):
    default_value = b""


class Callable(TraitType):
    pass


class Enum(TraitType):
    def __init__(self, values, default_value=None, **metadata):
        super().__init__(default_value, **metadata)


class _Container(TraitType):
    def __init__(self, *traits, default_value=..., **metadata):
        # The first argument is the trait of what is inside, or a default.
        plain = [one for one in traits if not isinstance(one, TraitType) and not isinstance(one, type)]
        super().__init__(plain[0] if plain and default_value is ... else default_value, **metadata)


class List(_Container):
    def made(self):
        return self.given if self.given is None else list(self.given)

    default_value = ()


class Set(_Container):
    def made(self):
        return self.given if self.given is None else set(self.given)

    default_value = ()


class Dict(_Container):
    def made(self):
        return self.given if self.given is None else dict(self.given)

    default_value = {}


class Tuple(TraitType):
    default_value = ()

    def __init__(self, *traits, default_value=..., **metadata):
        super().__init__(default_value, **metadata)


class Type(TraitType):
    def __init__(self, default_value=..., klass=None, **metadata):
        super().__init__(klass if default_value is ... else default_value, **metadata)


class Instance(TraitType):
    def __init__(self, klass=None, args=None, kw=None, allow_none=False, **metadata):
        super().__init__(None, **metadata)
        self.klass = klass
        self.args = args
        self.kw = kw
        self.allow_none = allow_none

    def made(self):
        if self.args is not None or self.kw is not None:
            return self.klass(*(self.args or ()), **(self.kw or {}))
        return None if self.allow_none else _unknown("an instance that a trait is given later")


class Union(TraitType):
    def __init__(self, traits, default_value=..., **metadata):
        super().__init__(traits[0].given if default_value is ... else default_value, **metadata)


class _Handler:
    def __init__(self, prefix, names):
        self.prefix = prefix
        self.names = names
        self.function = None

    def __call__(self, function):
        self.function = function
        return self

    def __set_name__(self, owner, attribute):
        for name in self.names:
            _set(owner, self.prefix + name, self.function)


def default(name):
    return _Handler("_default_of_", [name])


def validate(*names):
    return _Handler("_validator_of_", names)


def observe(*names, type="change"):
    return _Handler("_observer_of_", names)


class HasTraits:
    def __init__(self, *args, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    def observe(self, handler, names=None, type="change"):
        return None

    def has_trait(self, name):
        return isinstance(getattr(type(self), name, None), TraitType)


Integer = Int
Long = Int
