"""What the clinic takes and answers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class DoctorOut(Record):
    name: str


class AllergyOut(Record):
    substance: str


class PatientBrief(Record):
    name: str
    created_at: datetime


class PatientOut(PatientBrief):
    allergies: list[AllergyOut]


class PatientChanged(Record):
    name: str
    changed_at: datetime


class AppointmentOut(Record):
    reason: str
    doctor: DoctorOut


class AppointmentChanged(Record):
    reason: str
    changed_at: datetime


class AppointmentFull(AppointmentOut):
    patient: PatientBrief


class PatientCard(PatientOut):
    appointments: list[AppointmentOut]


class PatientIn(BaseModel):
    name: str = Field(max_length=100)


class AppointmentIn(BaseModel):
    patient_id: int
    doctor_id: int
    reason: str = Field(max_length=200)


class Load(BaseModel):
    doctor: str
    appointments: int
