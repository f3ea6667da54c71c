from sqlalchemy.sql.sqltypes import String, TypeDecorator


class AutoString(TypeDecorator):
    impl = String
    cache_ok = True
