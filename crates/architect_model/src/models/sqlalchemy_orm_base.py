"""What annotations of mapped attributes are written with. Source: sqlalchemy/orm/base.py of 2.0."""


class SQLORMExpression:
    pass


class Mapped(SQLORMExpression):
    pass


class DynamicMapped(Mapped):
    pass


class WriteOnlyMapped(Mapped):
    pass


class ORMDescriptor:
    pass


class InspectionAttr:
    pass
