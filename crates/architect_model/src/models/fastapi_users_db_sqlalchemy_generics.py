from sqlalchemy import CHAR, TIMESTAMP, TypeDecorator
from sqlalchemy.dialects.postgresql import UUID


class GUID(TypeDecorator):
    impl = CHAR

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(UUID() if dialect.name == "postgresql" else CHAR(36))


class TIMESTAMPAware(TypeDecorator):
    impl = TIMESTAMP
