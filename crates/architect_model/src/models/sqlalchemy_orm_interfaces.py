"""Attributes of a mapped class, as they are declared. Source: sqlalchemy/orm of 2.0.

What follows from them when all classes are there (targets, directions, joins) is computed in recognise/orm/.
"""

from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import Column


class MappedColumn(Column):
    """`mapped_column()`: its type may be left to the annotation."""


class MapperProperty(ColumnElement):
    __architect_not_a_field__ = True

    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        self.key = None
        self.owner = None
        self.home = None
        self.attribute = None

    @property
    def columns(self):
        return [item for item in self.args if isinstance(item, ColumnElement)]

    @property
    def property(self):
        return self


class Relationship(MapperProperty):
    pass


class ColumnProperty(MapperProperty):
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        self.key = None
        self.owner = None
        self.home = None
        self.attribute = None
        self.parts = args


class Deferred(ColumnProperty):
    pass


class QueryExpression(ColumnProperty):
    pass


class Composite(MapperProperty):
    pass


class Synonym(MapperProperty):
    pass


class Backref:
    def __init__(self, name, **kwargs):
        self.name = name
        self.kwargs = kwargs


def deferred(column, *additional, **kwargs):
    return Deferred(column, *additional, **kwargs)


def column_property(column, *additional, **kwargs):
    return ColumnProperty(column, *additional, **kwargs)


def query_expression(*args, **kwargs):
    return QueryExpression(*args, **kwargs)


def composite(*args, **kwargs):
    return Composite(*args, **kwargs)


def synonym(name, **kwargs):
    return Synonym(name, **kwargs)


def relationship(*args, **kwargs):
    return Relationship(*args, **kwargs)


def dynamic_loader(argument, **kwargs):
    kwargs["lazy"] = "dynamic"
    return Relationship(argument, **kwargs)


def backref(name, **kwargs):
    return Backref(name, **kwargs)


def mapped_column(*args, **kwargs):
    return MappedColumn(*args, **kwargs)
