"""Tables, columns and what hangs on them, as they are declared.

What follows from a declaration (types of foreign keys, names by convention) is computed in recognise/orm/.
Source: sqlalchemy/sql/schema.py of 2.0.
"""

from _architect import is_instance as _is, is_unknown as _is_unknown

from sqlalchemy.sql.elements import ClauseElement, ColumnElement, TextClause
from sqlalchemy.sql.sqltypes import NULLTYPE, TypeEngine

BLANK_SCHEMA = "\0blank"


class SchemaItem(ClauseElement):
    pass


class ColumnCollection:
    def __init__(self):
        self._all = {}

    def add(self, column):
        self._all[column.key] = column

    def __iter__(self):
        return list(self._all.values())

    def __getitem__(self, key):
        return self._all[key]

    def __getattr__(self, name):
        return self._all[name]

    def __contains__(self, key):
        return key in self._all

    def get(self, key, default=None):
        return self._all.get(key, default)

    def keys(self):
        return list(self._all)

    def values(self):
        return list(self._all.values())

    def items(self):
        return list(self._all.items())


class Column(ColumnElement, SchemaItem):
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        name = kwargs.get("name")
        if name is None and args and _is(args[0], str):
            name = args[0]
        self.name = name
        self.key = kwargs.get("key") or name
        self.table = None
        self.owner = None
        self.origin = None
        self.home = None
        self.attribute = None

    def _copy(self):
        made = type(self)(*self.args, **self.kwargs)
        made.name = self.name
        made.key = self.key
        made.origin = self
        made.home = self.home
        made.attribute = self.attribute
        return made

    copy = _copy

    @property
    def type(self):
        for item in self.args:
            if _is(item, TypeEngine):
                return item
            if _is(item, type) and issubclass(item, TypeEngine):
                return item()
        return self.kwargs.get("type_", NULLTYPE)

    @property
    def foreign_keys(self):
        return [item for item in self.args if _is(item, ForeignKey)]

    @property
    def primary_key(self):
        return self.kwargs.get("primary_key", False)

    @property
    def nullable(self):
        return self.kwargs.get("nullable", not self.primary_key)

    @property
    def unique(self):
        return self.kwargs.get("unique")

    @property
    def index(self):
        return self.kwargs.get("index")

    @property
    def default(self):
        return self.kwargs.get("default")

    @property
    def info(self):
        return self.kwargs.get("info", {})

    @property
    def comment(self):
        return self.kwargs.get("comment")

    @property
    def expression(self):
        return self

    def references(self, column):
        return any(key.column is column for key in self.foreign_keys)


class Table(SchemaItem):
    def __init__(self, name, metadata, *args, **kwargs):
        self.name = name
        self.metadata = metadata
        self.kwargs = kwargs
        schema = kwargs.get("schema")
        if schema is None:
            schema = metadata.schema
        self.schema = None if schema == BLANK_SCHEMA else schema
        self.fullname = f"{self.schema}.{name}" if self.schema else name
        self.key = self.fullname
        self.columns = ColumnCollection()
        self.indexes = []
        self.constraints = []
        known = metadata.tables.get(self.key)
        if known is not None:
            self.columns = known.columns
            self.indexes = known.indexes
            self.constraints = known.constraints
        for item in args:
            self._attach(item)
        metadata.tables[self.key] = self

    def _attach(self, item):
        if _is(item, Column):
            if item.table is None:
                item.table = self
            self.columns.add(item)
        elif _is(item, Index):
            item.table = self
            self.indexes.append(item)
        elif _is(item, Constraint):
            item.table = self
            self.constraints.append(item)

    def append_column(self, column, replace_existing=False):
        self._attach(column)

    def append_constraint(self, constraint):
        self._attach(constraint)

    @property
    def c(self):
        return self.columns

    @property
    def primary_key(self):
        return PrimaryKeyConstraint(*[column for column in self.columns if column.primary_key])

    @property
    def foreign_keys(self):
        return [key for column in self.columns for key in column.foreign_keys]

    @property
    def info(self):
        return self.kwargs.get("info", {})

    def __str__(self):
        return self.fullname


class MetaData:
    def __init__(self, bind=None, schema=None, naming_convention=None, **options):
        self.tables = {}
        # A schema that only settings know is left out of the names, as for a default one.
        self.schema = None if _is_unknown(schema) else schema
        self.naming_convention = naming_convention
        self.info = options.get("info", {})

    @property
    def sorted_tables(self):
        return list(self.tables.values())

    def create_all(self, bind=None, **options):
        return None

    def drop_all(self, bind=None, **options):
        return None

    def reflect(self, bind=None, **options):
        return None

    def clear(self):
        return None


class ForeignKey(SchemaItem):
    def __init__(self, column, *args, **kwargs):
        self.target = column
        self.args = args
        self.kwargs = kwargs

    @property
    def column(self):
        return self.target

    @property
    def target_fullname(self):
        return self.target


class Constraint(SchemaItem):
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        self.name = kwargs.get("name")
        self.table = None

    @property
    def columns(self):
        return list(self.args)


class PrimaryKeyConstraint(Constraint):
    pass


class UniqueConstraint(Constraint):
    pass


class CheckConstraint(Constraint):
    pass


class ForeignKeyConstraint(Constraint):
    pass


class Index(SchemaItem):
    def __init__(self, name, *expressions, **kwargs):
        self.name = name
        self.args = expressions
        self.kwargs = kwargs
        self.table = None


class FetchedValue:
    def __init__(self, for_update=False):
        self.for_update = for_update


class DefaultClause(FetchedValue):
    def __init__(self, arg, **options):
        self.arg = arg


class ColumnDefault:
    def __init__(self, arg, **options):
        self.arg = arg


class Sequence(FetchedValue, SchemaItem):
    def __init__(self, name, *args, **options):
        self.name = name

    def next_value(self):
        return TextClause(f"nextval('{self.name}')")


class Identity(FetchedValue, SchemaItem):
    def __init__(self, *args, **options):
        self.kwargs = options


class Computed(FetchedValue, SchemaItem):
    def __init__(self, sqltext, persisted=None):
        self.sqltext = sqltext
        self.persisted = persisted


class DDL:
    def __init__(self, statement, *args, **options):
        self.statement = statement

    def execute_if(self, **options):
        return self
