"""What is asked of the database, the same for every model where it can be."""

from typing import Any, Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, selectinload

from app.db import Base
from app.models import Appointment, Doctor, Patient

Model = TypeVar("Model", bound=Base)


class Repository(Generic[Model]):
    model: type[Model]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, key: int) -> Model | None:
        return await self.session.get(self.model, key)

    async def page(self, limit: int = 200) -> list[Model]:
        result = await self.session.execute(select(self.model).order_by(self.model.id).limit(limit))
        return list(result.scalars().all())

    async def create(self, **values: Any) -> Model:
        item = self.model(**values)
        self.session.add(item)
        await self.session.commit()
        return item

    async def change(self, item: Model, **values: Any) -> Model:
        for name, value in values.items():
            setattr(item, name, value)
        await self.session.commit()
        return item


class PatientRepository(Repository[Patient]):
    model = Patient

    async def card(self, key: int) -> Patient | None:
        statement = select(Patient).where(Patient.id == key).options(selectinload(Patient.appointments))
        return (await self.session.execute(statement)).scalar_one_or_none()


class DoctorRepository(Repository[Doctor]):
    model = Doctor

    async def appointments_of(self, doctor: Doctor) -> int:
        statement = select(func.count()).select_from(Appointment).where(Appointment.doctor_id == doctor.id)
        return await self.session.scalar(statement) or 0

    async def tally(self) -> list[tuple[str, int]]:
        statement = select(Doctor.name, func.count(Appointment.id)).join(Doctor.appointments).group_by(Doctor.name)
        return [(name, count) for name, count in await self.session.execute(statement)]


class AppointmentRepository(Repository[Appointment]):
    model = Appointment


def names_of_doctors(session: Session, patient_id: int) -> list[str]:
    patient = session.get_one(Patient, patient_id)
    return [appointment.doctor.name for appointment in patient.appointments]
