from sqlalchemy.sql.sqltypes import (
    TypeEngine,
    TypeDecorator,
    UserDefinedType,
    ExternalType,
    Variant,
    NULLTYPE,
)
