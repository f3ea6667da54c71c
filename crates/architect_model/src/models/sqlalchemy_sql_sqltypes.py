"""Types of columns. How a database spells them is in recognise/orm/types.rs.

Source: sqlalchemy/sql/type_api.py and sqltypes.py of 2.0.
"""


class TypeEngine:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs

    def with_variant(self, type_, *dialects):
        made = _Variant()
        made.base = self
        made.variants = {**getattr(self, "variants", {}), **{name: type_ for name in dialects}}
        return made

    def load_dialect_impl(self, dialect):
        return self

    def dialect_impl(self, dialect):
        return self

    @property
    def python_type(self):
        return None


class _Variant(TypeEngine):
    """A type with others in its place on some databases."""


class ExternalType:
    pass


class TypeEngineMixin:
    pass


class TypeDecorator(TypeEngine):
    impl = None
    cache_ok = None

    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs

    def load_dialect_impl(self, dialect):
        return None

    @property
    def impl_instance(self):
        return self.impl


class UserDefinedType(TypeEngine):
    pass


class Variant(TypeDecorator):
    pass


class SchemaType:
    pass


class Emulated:
    pass


class NullType(TypeEngine):
    pass


NULLTYPE = NullType()


class String(TypeEngine):
    pass


class Text(String):
    pass


class Unicode(String):
    pass


class UnicodeText(Text):
    pass


class Integer(TypeEngine):
    pass


class SmallInteger(Integer):
    pass


class BigInteger(Integer):
    pass


class Numeric(TypeEngine):
    pass


class Float(Numeric):
    pass


class Double(Float):
    pass


class DateTime(TypeEngine):
    pass


class Date(TypeEngine):
    pass


class Time(TypeEngine):
    pass


class _Binary(TypeEngine):
    pass


class LargeBinary(_Binary):
    pass


class PickleType(TypeDecorator):
    pass


class Boolean(TypeEngine):
    pass


class Interval(TypeDecorator):
    pass


class JSON(TypeEngine):
    pass


class ARRAY(TypeEngine):
    pass


class TupleType(TypeEngine):
    pass


class REAL(Float):
    pass


class FLOAT(Float):
    pass


class DOUBLE(Double):
    pass


class DOUBLE_PRECISION(Double):
    pass


class NUMERIC(Numeric):
    pass


class DECIMAL(Numeric):
    pass


class INTEGER(Integer):
    pass


class SMALLINT(SmallInteger):
    pass


class BIGINT(BigInteger):
    pass


class TIMESTAMP(DateTime):
    pass


class DATETIME(DateTime):
    pass


class DATE(Date):
    pass


class TIME(Time):
    pass


class TEXT(Text):
    pass


class CLOB(Text):
    pass


class VARCHAR(String):
    pass


class NVARCHAR(Unicode):
    pass


class CHAR(String):
    pass


class NCHAR(Unicode):
    pass


class BLOB(LargeBinary):
    pass


class BINARY(_Binary):
    pass


class VARBINARY(_Binary):
    pass


class BOOLEAN(Boolean):
    pass


class Uuid(TypeEngine):
    pass


class UUID(Uuid):
    pass


class MatchType(Boolean):
    pass


class Enum(String, SchemaType):
    @property
    def enums(self):
        if len(self.args) == 1 and isinstance(self.args[0], type):
            return list(self.args[0].__members__)
        return list(self.args)

    @property
    def enum_class(self):
        return self.args[0] if len(self.args) == 1 and isinstance(self.args[0], type) else None

    @property
    def name(self):
        return self.kwargs.get("name")


INT = INTEGER


class Dialect:
    """A database, as far as types ask for it."""

    def __init__(self, name):
        self.name = name

    def type_descriptor(self, typeobj):
        return typeobj
