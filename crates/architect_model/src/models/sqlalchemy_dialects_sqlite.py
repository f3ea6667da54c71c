"""Types of SQLite. Source: sqlalchemy/dialects/sqlite of 2.0."""

import sqlalchemy.sql.sqltypes as _types
ARRAY = _types.ARRAY
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
TIME = _types.TIME
TIMESTAMP = _types.TIMESTAMP
UUID = _types.UUID
VARCHAR = _types.VARCHAR
VARBINARY = _types.VARBINARY
BINARY = _types.BINARY
Enum = _types.Enum


class JSON(_types.JSON):
    pass
