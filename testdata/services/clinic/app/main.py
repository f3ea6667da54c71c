"""The clinic's API."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from app.db import Db, sessions
from app.models import Appointment, Patient
from app.repositories import AppointmentRepository, DoctorRepository, PatientRepository, names_of_doctors
from app.schemas import (
    AppointmentChanged,
    AppointmentFull,
    AppointmentIn,
    AppointmentOut,
    Load,
    PatientBrief,
    PatientCard,
    PatientChanged,
    PatientIn,
    PatientOut,
)

app = FastAPI(title="Clinic")


def patients(session: Db) -> PatientRepository:
    return PatientRepository(session)


def doctors(session: Db) -> DoctorRepository:
    return DoctorRepository(session)


def appointments(session: Db) -> AppointmentRepository:
    return AppointmentRepository(session)


Patients = Annotated[PatientRepository, Depends(patients)]
Doctors = Annotated[DoctorRepository, Depends(doctors)]
Appointments = Annotated[AppointmentRepository, Depends(appointments)]


async def known_patient(patient_id: int, repository: Patients) -> Patient:
    patient = await repository.get(patient_id)
    if patient is None:
        raise HTTPException(404, "No such patient")
    return patient


Known = Annotated[Patient, Depends(known_patient)]


@app.get("/patients", response_model=list[PatientOut])
async def list_patients(repository: Patients) -> list[Patient]:
    return await repository.page()


@app.get("/patients/cards", response_model=list[PatientCard])
async def list_cards(repository: Patients) -> list[Patient]:
    return await repository.page()


@app.post("/patients", response_model=PatientBrief, status_code=201)
async def admit(body: PatientIn, repository: Patients) -> Patient:
    return await repository.create(**body.model_dump())


@app.post("/patients/with-card", response_model=PatientCard, status_code=201)
async def admit_with_card(body: PatientIn, repository: Patients) -> Patient:
    return await repository.create(**body.model_dump())


@app.get("/patients/detached", response_model=PatientCard)
async def read_detached() -> Patient:
    async with sessions() as session:
        patient = await PatientRepository(session).get(1)
    if patient is None:
        raise HTTPException(404, "No such patient")
    return patient


@app.get("/patients/{patient_id}/card", response_model=PatientCard)
async def read_card(patient_id: int, repository: Patients) -> Patient:
    patient = await repository.card(patient_id)
    if patient is None:
        raise HTTPException(404, "No such patient")
    return patient


@app.get("/patients/{patient_id}/reasons")
async def list_reasons(patient: Known) -> list[str]:
    return [appointment.reason for appointment in await patient.awaitable_attrs.appointments]


@app.get("/patients/{patient_id}/doctors")
async def list_doctors(patient_id: int, session: Db) -> list[str]:
    return await session.run_sync(names_of_doctors, patient_id)


@app.put("/patients/{patient_id}", response_model=PatientBrief)
async def rename(patient: Known, body: PatientIn, repository: Patients) -> Patient:
    return await repository.change(patient, name=body.name)


@app.put("/patients/{patient_id}/changed", response_model=PatientChanged)
async def rename_and_see(patient: Known, body: PatientIn, repository: Patients) -> Patient:
    return await repository.change(patient, name=body.name)


@app.get("/appointments", response_model=list[AppointmentOut])
async def list_appointments(repository: Appointments) -> list[Appointment]:
    return await repository.page()


@app.post("/appointments", response_model=AppointmentFull, status_code=201)
async def make_appointment(body: AppointmentIn, session: Db, repository: Appointments) -> Appointment:
    appointment = await repository.create(**body.model_dump())
    await session.refresh(appointment, ["patient", "doctor"])
    return appointment


@app.put("/appointments/{appointment_id}", response_model=AppointmentChanged)
async def change_reason(appointment_id: int, reason: str, repository: Appointments) -> Appointment:
    appointment = await repository.get(appointment_id)
    if appointment is None:
        raise HTTPException(404, "No such appointment")
    return await repository.change(appointment, reason=reason)


@app.get("/doctors/loads")
async def list_loads(repository: Doctors) -> list[Load]:
    found = await repository.page()
    return [Load(doctor=doctor.name, appointments=await repository.appointments_of(doctor)) for doctor in found]


@app.get("/doctors/tally")
async def tally(repository: Doctors) -> list[Load]:
    return [Load(doctor=name, appointments=count) for name, count in await repository.tally()]
