"""Declarative: what is done with a class when it is made. Source: sqlalchemy/orm/decl_api.py and decl_base.py of 2.0."""

from _architect import class_body as _body
from _architect import is_instance as _is
from _architect import set as _set

from sqlalchemy.event import instrument
from sqlalchemy.orm.interfaces import Composite, ColumnProperty, MappedColumn, MapperProperty
from sqlalchemy.sql.schema import Column, MetaData, Table

# Classes that are being mapped, with what their `declared_attr`s gave.
_under_way = {}

_MAPPED = (
    "sqlalchemy.orm.base.Mapped",
    "sqlalchemy.orm.base.DynamicMapped",
    "sqlalchemy.orm.base.WriteOnlyMapped",
)


class declared_attr:
    def __init__(self, fget, cascading=False, quiet=False):
        self.fget = getattr(fget, "__func__", fget)
        self.cascading = cascading

    def __get__(self, instance, owner):
        known = _under_way.get(owner)
        if known is None:
            return self.fget(owner)
        if self not in known:
            known[self] = self.fget(owner)
        return known[self]

    @staticmethod
    def directive(fget):
        return declared_attr(fget)

    @staticmethod
    def cascading(fget):
        return declared_attr(fget, cascading=True)


class declarative_mixin_marker:
    pass


def declarative_mixin(cls):
    return cls


class Mapper:
    """A class and its table, as declared."""

    def __init__(self, class_, local_table, inherits, options, registry, properties):
        self.class_ = class_
        self.local_table = local_table
        self.inherits = inherits
        self.options = options
        self.registry = registry
        self.properties = properties

    @property
    def columns(self):
        return self.local_table.columns

    @property
    def c(self):
        return self.local_table.columns

    @property
    def mapper(self):
        return self

    @property
    def entity(self):
        return self.class_

    @property
    def mapped_table(self):
        return self.local_table

    @property
    def persist_selectable(self):
        return self.local_table

    @property
    def relationships(self):
        return [item for item in vars(self.class_).values() if _is(item, MapperProperty)]

    @property
    def column_attrs(self):
        return [item for item in vars(self.class_).values() if _is(item, Column)]


class registry:
    def __init__(self, *, metadata=None, class_registry=None, type_annotation_map=None, constructor=None):
        self.metadata = metadata if metadata is not None else MetaData()
        self.type_annotation_map = dict(type_annotation_map) if type_annotation_map else {}
        self.mappers = []

    def update_type_annotation_map(self, more):
        self.type_annotation_map.update(more)

    def mapped(self, cls):
        _map_class(cls, self)
        return cls

    def mapped_as_dataclass(self, cls=None, **options):
        def decorator(cls):
            _map_class(cls, self)
            return cls

        return decorator if cls is None else decorator(cls)

    def map_declaratively(self, cls):
        _map_class(cls, self)
        return cls.__mapper__

    def map_imperatively(self, class_, local_table=None, **options):
        properties = options.get("properties") or {}
        for name, value in properties.items():
            _set(class_, name, value)
        inherits = options.get("inherits")
        mapper = Mapper(class_, local_table, inherits, options, self, {})
        _set(class_, "__table__", local_table)
        _set(class_, "__mapper__", mapper)
        self.mappers.append(mapper)
        return mapper

    def generate_base(self, mapper=None, cls=object, name="Base", metaclass=None):
        return _make_base(self, cls, name)

    def as_declarative_base(self, **options):
        return as_declarative(registry=self)

    def configure(self, **options):
        return None

    def dispose(self, **options):
        return None


def _own(cls, name):
    return vars(cls).get(name)


def _named(column, name):
    if column.name is None:
        column.name = name
    if column.key is None:
        column.key = name


def _copy_columns(cls, bodies):
    """Copies of the columns of unmapped bases, by base and name; `declared_attr`s of the class can refer to them."""
    copies = {}
    for base, body in bodies:
        if "__mapper__" in vars(base):
            continue
        for name, head, has_value, value in body:
            if name.startswith("__"):
                continue
            if has_value:
                if not _is(value, Column) or getattr(cls, name) is not value:
                    continue
                value = value._copy()
            elif head in _MAPPED and getattr(cls, name, None) is None:
                value = MappedColumn()
            else:
                continue
            value.home = base
            _set(cls, name, value)
            copies[base, name] = value
    return copies


def _map_class(cls, registry, fields=None):
    """Collects what the class and its unmapped bases declare, makes the table, notes the mapper."""
    if _own(cls, "__abstract__") or "__mapper__" in vars(cls):
        return
    _under_way[cls] = {}
    collected = dict(fields) if fields else {}
    bodies = [(base, _body(base)) for base in cls.__mro__]
    copies = _copy_columns(cls, bodies[1:])
    parent = tablename = table_args = mapper_args = table = None
    for base, body in bodies:
        own = base is cls
        mapped = not own and "__mapper__" in vars(base)
        if mapped and parent is None:
            parent = base
        # Copies of columns come before what functions make of the same base.
        copied = [row for row in body if (base, row[0]) in copies]
        for name, head, has_value, value in copied + [row for row in body if (base, row[0]) not in copies]:
            if name.startswith("__"):
                if mapped and not _is(value, declared_attr) or not has_value:
                    continue
                if name == "__tablename__" and not tablename:
                    tablename = cls.__tablename__
                elif name == "__table_args__" and not table_args:
                    table_args = cls.__table_args__
                elif name == "__mapper_args__" and not mapper_args:
                    mapper_args = cls.__mapper_args__
                elif name == "__table__" and table is None:
                    table = cls.__table__
                if not name.endswith("__") or not _is(value, (Column, MapperProperty)):
                    continue
            cascading = _is(value, declared_attr) and value.cascading
            if name in collected or mapped and not cascading:
                continue
            if (base, name) in copies:
                value = copies[base, name]
            elif not has_value:
                if head not in _MAPPED or not own and getattr(cls, name, None) is not None:
                    continue
                value = MappedColumn()
                value.home = base
                _set(cls, name, value)
            elif _is(value, declared_attr):
                made = value.__get__(None, cls) if cascading else getattr(cls, name)
                if not _is(made, (Column, MapperProperty)):
                    if own:
                        _set(cls, name, made)
                    continue
                if made.owner is not None and made.owner is not cls:
                    continue
                if made.home is None:
                    made.home = value.fget
                value = made
                _set(cls, name, value)
            elif _is(value, Column):
                if not own or value.owner is not None and value.owner is not cls:
                    continue
                value.home = base
            elif _is(value, MapperProperty):
                if not own:
                    continue
                value.home = base
            else:
                continue
            value.owner = cls
            value.attribute = name
            collected[name] = value
    columns = []
    for name, value in collected.items():
        if _is(value, Column):
            _named(value, name)
            if value.table is None:
                columns.append(value)
        else:
            value.key = name
            if _is(value, (ColumnProperty, Composite)):
                for position, item in enumerate(item for item in value.args if _is(item, Column)):
                    if item.table is None and item.owner is None:
                        _named(item, name)
                        item.owner = cls
                        item.home = value.home
                        item.attribute = name
                        if _is(value, Composite):
                            item.part = position
                        columns.append(item)
    if any("sort_order" in column.kwargs for column in columns):
        columns = sorted(columns, key=lambda column: column.kwargs.get("sort_order", 0))
    options = dict(mapper_args) if mapper_args else {}
    if table is None and tablename:
        args, kwargs = [], {}
        if _is(table_args, dict):
            kwargs = table_args
        elif table_args:
            args = list(table_args)
            if _is(args[-1], dict):
                kwargs = args[-1]
                args = args[:-1]
        metadata = getattr(cls, "metadata", None)
        if not _is(metadata, MetaData):
            metadata = registry.metadata
        table = Table(tablename, metadata, *columns, *args, **kwargs)
        _set(cls, "__table__", table)
    elif table is None and parent is not None:
        table = parent.__mapper__.local_table
        for column in columns:
            if column.key not in table.columns:
                table._attach(column)
            else:
                _set(cls, column.attribute, table.columns[column.key])
    if table is None:
        del _under_way[cls]
        return
    mapper = Mapper(cls, table, parent, options, registry, collected)
    _set(cls, "__mapper__", mapper)
    registry.mappers.append(mapper)
    del _under_way[cls]
    instrument(mapper, cls)


def _setup_base(cls):
    own = vars(cls)
    known = own.get("registry") or getattr(cls, "registry", None)
    if not _is(known, registry):
        metadata = getattr(cls, "metadata", None)
        known = registry(
            metadata=metadata if _is(metadata, MetaData) else None,
            type_annotation_map=getattr(cls, "type_annotation_map", None),
        )
        _set(cls, "registry", known)
    if not _is(own.get("metadata"), MetaData):
        _set(cls, "metadata", known.metadata)


def _declare(cls):
    if getattr(cls, "_sa_base", None) is None:
        _set(cls, "_sa_base", cls)
        _setup_base(cls)
    else:
        _map_class(cls, cls.registry)


def _add_attribute(cls, name, value):
    """An attribute that is set when the class is there. Source: sqlalchemy/orm/decl_base.py (`_add_attribute`)."""
    if "__mapper__" in vars(cls) and _is(value, (Column, MapperProperty)) and value.owner is None:
        value.owner = cls
        value.home = cls
        value.attribute = name
        if _is(value, Column):
            _named(value, name)
            if value.table is None:
                cls.__table__._attach(value)
        else:
            value.key = name
    _set(cls, name, value)


class DeclarativeAttributeIntercept(type):
    def __setattr__(cls, name, value):
        _add_attribute(cls, name, value)


class DeclarativeBase(metaclass=DeclarativeAttributeIntercept):
    def __init_subclass__(cls, **kwargs):
        _declare(cls)
        super().__init_subclass__(**kwargs)

    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)


class DeclarativeBaseNoMeta:
    def __init_subclass__(cls, **kwargs):
        _declare(cls)
        super().__init_subclass__(**kwargs)

    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)


class MappedAsDataclass:
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__()


class DeclarativeMeta(type):
    def __init__(cls, classname, bases, namespace, **kwargs):
        known = getattr(cls, "registry", None)
        if not _is(known, registry):
            known = getattr(cls, "_sa_registry", None)
        if not _is(known, registry):
            return
        if "registry" in vars(cls) or "_sa_registry" in vars(cls):
            if getattr(cls, "metadata", None) is None:
                _set(cls, "metadata", known.metadata)
            return
        _map_class(cls, known)

    def __setattr__(cls, name, value):
        _add_attribute(cls, name, value)


def _init_subclass(cls, **kwargs):
    _map_class(cls, cls.registry)


def _constructor(self, **kwargs):
    for name, value in kwargs.items():
        setattr(self, name, value)


def _make_base(known, cls, name):
    bases = cls if _is(cls, tuple) else (cls,)
    namespace = {
        "registry": known,
        "metadata": known.metadata,
        "_sa_registry": known,
        "__init_subclass__": _init_subclass,
        "__abstract__": True,
    }
    if cls is object:
        namespace["__init__"] = _constructor
    return type(name, bases, namespace)


def declarative_base(
    bind=None, metadata=None, mapper=None, cls=object, name="Base", class_registry=None, type_annotation_map=None,
    constructor=None, metaclass=None,
):
    return _make_base(registry(metadata=metadata, type_annotation_map=type_annotation_map), cls, name)


def as_declarative(**options):
    def decorator(cls):
        known = options.get("registry")
        if known is None:
            known = registry(metadata=options.get("metadata"))
        _set(cls, "registry", known)
        _set(cls, "metadata", known.metadata)
        _set(cls, "__abstract__", True)
        _set(cls, "__init_subclass__", _init_subclass)
        return cls

    return decorator


def has_inherited_table(cls):
    return any("__mapper__" in vars(base) for base in cls.__mro__[1:])


def synonym_for(name, **options):
    def decorator(function):
        return function

    return decorator


def mapped_as_dataclass(known, **options):
    def decorator(cls):
        _map_class(cls, known)
        return cls

    return decorator
