"""Types of PostgreSQL. Source: sqlalchemy/dialects/postgresql of 2.0."""

import sqlalchemy.sql.schema as _schema
import sqlalchemy.sql.sqltypes as _types
from sqlalchemy.sql.elements import Expression as _Expression
BIGINT = _types.BIGINT
BLOB = _types.BLOB
BOOLEAN = _types.BOOLEAN
CHAR = _types.CHAR
DATE = _types.DATE
DATETIME = _types.DATETIME
DECIMAL = _types.DECIMAL
DOUBLE = _types.DOUBLE
DOUBLE_PRECISION = _types.DOUBLE_PRECISION
FLOAT = _types.FLOAT
INTEGER = _types.INTEGER
NUMERIC = _types.NUMERIC
NCHAR = _types.NCHAR
NVARCHAR = _types.NVARCHAR
REAL = _types.REAL
SMALLINT = _types.SMALLINT
TEXT = _types.TEXT
VARCHAR = _types.VARCHAR
VARBINARY = _types.VARBINARY
BINARY = _types.BINARY
Enum = _types.Enum


class ARRAY(_types.ARRAY):
    pass


class JSON(_types.JSON):
    pass


class JSONB(JSON):
    pass


class ENUM(_types.Enum):
    pass


class BYTEA(_types.LargeBinary):
    pass


class BIT(_types.TypeEngine):
    pass


class CIDR(_types.TypeEngine):
    pass


class INET(_types.TypeEngine):
    pass


class MACADDR(_types.TypeEngine):
    pass


class MACADDR8(_types.TypeEngine):
    pass


class MONEY(_types.TypeEngine):
    pass


class OID(_types.TypeEngine):
    pass


class REGCLASS(_types.TypeEngine):
    pass


class REGCONFIG(_types.TypeEngine):
    pass


class TSVECTOR(_types.TypeEngine):
    pass


class TSQUERY(_types.TypeEngine):
    pass


class HSTORE(_types.TypeEngine):
    pass


class CITEXT(_types.TEXT):
    pass


class INTERVAL(_types.TypeEngine):
    pass


class TIMESTAMP(_types.TIMESTAMP):
    pass


class TIME(_types.TIME):
    pass


class UUID(_types.UUID):
    pass


class DOMAIN(_types.TypeEngine):
    pass


class JSONPATH(_types.TypeEngine):
    pass


class INT4RANGE(_types.TypeEngine):
    pass


class INT8RANGE(_types.TypeEngine):
    pass


class NUMRANGE(_types.TypeEngine):
    pass


class DATERANGE(_types.TypeEngine):
    pass


class TSRANGE(_types.TypeEngine):
    pass


class TSTZRANGE(_types.TypeEngine):
    pass


class INT4MULTIRANGE(_types.TypeEngine):
    pass


class INT8MULTIRANGE(_types.TypeEngine):
    pass


class NUMMULTIRANGE(_types.TypeEngine):
    pass


class DATEMULTIRANGE(_types.TypeEngine):
    pass


class TSMULTIRANGE(_types.TypeEngine):
    pass


class TSTZMULTIRANGE(_types.TypeEngine):
    pass


class ExcludeConstraint(_schema.Constraint):
    pass


def array(clauses, **options):
    return _Expression("ARRAY", tuple(clauses))
