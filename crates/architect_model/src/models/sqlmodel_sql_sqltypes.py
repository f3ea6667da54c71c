"""Types of SQLModel. Source: sqlmodel/sql/sqltypes.py of 0.0.50."""

from sqlalchemy.sql.sqltypes import DateTime, String, TypeDecorator


class AutoString(TypeDecorator):
    impl = String
    cache_ok = True


class UTCDateTime(TypeDecorator):
    impl = DateTime(timezone=True)
    cache_ok = True
