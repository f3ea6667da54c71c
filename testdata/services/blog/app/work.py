"""A unit of work: a session that is committed when all went well."""

from sqlalchemy.orm import Session

from app.db import Factory


class UnitOfWork:
    """What is done in one transaction."""

    session: Session

    def __enter__(self) -> "UnitOfWork":
        self.session = Factory()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.session.commit()
        else:
            self.session.rollback()
        self.session.close()
