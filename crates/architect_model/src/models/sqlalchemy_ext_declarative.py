from sqlalchemy.orm.decl_api import (
    DeclarativeMeta,
    as_declarative,
    declarative_base,
    declared_attr,
    has_inherited_table,
    synonym_for,
)


class ConcreteBase:
    pass


class AbstractConcreteBase(ConcreteBase):
    __no_table__ = True


class DeferredReflection:
    pass
