from sqlalchemy.orm.base import DynamicMapped, Mapped, WriteOnlyMapped
from sqlalchemy.orm.decl_api import (
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    DeclarativeMeta,
    MappedAsDataclass,
    Mapper,
    as_declarative,
    declarative_base,
    declarative_mixin,
    declared_attr,
    has_inherited_table,
    mapped_as_dataclass,
    registry,
    synonym_for,
)
from sqlalchemy.orm.interfaces import (
    ColumnProperty,
    Composite,
    MappedColumn,
    MapperProperty,
    Relationship,
    Synonym,
    backref,
    column_property,
    composite,
    deferred,
    dynamic_loader,
    mapped_column,
    query_expression,
    relationship,
    synonym,
)
from sqlalchemy.sql.elements import foreign, remote

RelationshipProperty = Relationship


def configure_mappers():
    return None


def clear_mappers():
    return None


def validates(*names, **options):
    def decorator(function):
        return function

    return decorator


def reconstructor(function):
    return function
