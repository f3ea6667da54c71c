"""Bins, and what lies in them."""

from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.orm import Mapped, mapped_column, registry, relationship

metadata = MetaData()
mapping = registry(metadata=metadata)

movements = Table(
    "movements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bin_id", Integer, nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
)


@mapping.mapped
class Zone:
    __tablename__ = "zones"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(30))
    bins: Mapped[list["Bin"]] = relationship(back_populates="zone", cascade="all", passive_deletes=True)


@mapping.mapped
class Bin:
    __tablename__ = "bins"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    quantity: Mapped[int] = mapped_column(default=0)
    zone: Mapped[Zone] = relationship(back_populates="bins")
