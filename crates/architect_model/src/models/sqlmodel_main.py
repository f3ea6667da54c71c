"""Models that are tables as well. Source: sqlmodel/main.py of 0.0.24."""

from _architect import class_body as _body
from _architect import is_instance as _is
from _architect import set as _set

from pydantic.fields import FieldInfo as _PydanticFieldInfo
from pydantic.main import BaseModel

from sqlalchemy.orm.base import Mapped
from sqlalchemy.orm.decl_api import _map_class, declared_attr, registry
from sqlalchemy.orm.interfaces import Relationship as _Relationship
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import Column

default_registry = registry()


class FieldInfo(_PydanticFieldInfo):
    pass


class TableField(FieldInfo, ColumnElement):
    """A field of a table: to Pydantic what it was, to SQL its column."""


class FieldColumn(Column):
    """A column whose type and constraints are those of a field."""


class RelationshipInfo:
    __architect_not_a_field__ = True

    def __init__(
        self, *, back_populates=None, cascade_delete=False, passive_deletes=False, link_model=None,
        sa_relationship=None, sa_relationship_args=None, sa_relationship_kwargs=None,
    ):
        self.back_populates = back_populates
        self.cascade_delete = cascade_delete
        self.passive_deletes = passive_deletes
        self.link_model = link_model
        self.sa_relationship = sa_relationship
        self.sa_relationship_args = sa_relationship_args
        self.sa_relationship_kwargs = sa_relationship_kwargs


def Relationship(**kwargs):
    return RelationshipInfo(**kwargs)


def Field(default=..., *, default_factory=None, alias=None, validation_alias=None, **options):
    return FieldInfo(
        default, default_factory=default_factory, alias=alias, validation_alias=validation_alias, **options
    )


def _table_field(value, has_value, column):
    if _is(value, _PydanticFieldInfo):
        made = TableField(
            value.default, default_factory=value.default_factory, alias=value.alias,
            validation_alias=value.validation_alias, **value.options
        )
    else:
        made = TableField(value if has_value else ...)
    made.column = column
    return made


def _relationship(info):
    if info.sa_relationship is not None:
        return info.sa_relationship
    kwargs = {}
    if info.back_populates:
        kwargs["back_populates"] = info.back_populates
    if info.cascade_delete:
        kwargs["cascade"] = "all, delete-orphan"
    if info.passive_deletes:
        kwargs["passive_deletes"] = info.passive_deletes
    if info.link_model is not None:
        kwargs["secondary"] = getattr(info.link_model, "__table__", None)
    if info.sa_relationship_kwargs:
        kwargs.update(info.sa_relationship_kwargs)
    return _Relationship(None, *(info.sa_relationship_args or ()), **kwargs)


def _make_table(cls):
    fields = {}
    homes = {}
    for base in reversed(cls.__mro__):
        if not issubclass(base, SQLModel) and not issubclass(base, BaseModel):
            continue
        for name, head, has_value, value in _body(base):
            if head is None or name.startswith("_") or name == "model_config" or head == "typing.ClassVar":
                continue
            if _is(value, (RelationshipInfo, _Relationship)):
                continue
            if base is SQLModel or base is BaseModel:
                continue
            fields[name] = (has_value, value)
            homes[name] = base
    columns = {}
    for name, (has_value, value) in fields.items():
        column = None
        if _is(value, _PydanticFieldInfo):
            column = value.options.get("sa_column")
        if _is(value, Column):
            column = value
        if not _is(column, Column):
            column = FieldColumn()
            column.field = value if has_value else ...
            column.place = value
        column.home = homes[name]
        column.attribute = name
        column.owner = cls
        columns[name] = column
        _set(cls, name, _table_field(value, has_value, column))
    for name, head, has_value, value in _body(cls):
        if _is(value, RelationshipInfo):
            made = _relationship(value)
            made.home = cls
            made.place = value
            _set(cls, name, made)
    _map_class(cls, cls._sa_registry, columns)


class SQLModel(BaseModel):
    _sa_registry = default_registry
    metadata = default_registry.metadata

    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()

    def __init_subclass__(cls, table=False, registry=None, **kwargs):
        if registry is not None:
            _set(cls, "_sa_registry", registry)
            _set(cls, "metadata", registry.metadata)
            _set(cls, "__abstract__", True)
        config = vars(cls).get("model_config")
        if table is not True and not (_is(config, dict) and config.get("table") is True):
            return
        for base in cls.__mro__[1:]:
            if "__mapper__" in vars(base):
                return
        _make_table(cls)
