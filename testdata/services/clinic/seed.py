"""N patients with N appointments and an allergy each, N doctors."""

from typing import Any

from calls import Call

SCHEME = "sqlite+aiosqlite"


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    appointments = [
        {"id": p * n + a + 1, "patient_id": p + 1, "doctor_id": a + 1, "reason": f"r{a}"}
        for p in range(n)
        for a in range(n)
    ]
    return {
        "doctors": [{"id": d + 1, "name": f"d{d}"} for d in range(n)],
        "patients": [{"id": p + 1, "name": f"p{p}"} for p in range(n)],
        "allergies": [{"id": p + 1, "patient_id": p + 1, "substance": "nuts"} for p in range(n)],
        "appointments": appointments,
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Appointment": n}


def calls(n: int) -> list[Call]:
    visit = {"patient_id": 1, "doctor_id": 1, "reason": "cough"}
    return [
        Call("GET /patients"),
        Call("GET /patients/cards"),
        Call("POST /patients", json={"name": "new"}),
        Call("POST /patients/with-card", json={"name": "new"}),
        Call("GET /patients/detached"),
        Call("GET /patients/{patient_id}/card", "/patients/1/card", failing="/patients/0/card"),
        Call("GET /patients/{patient_id}/reasons", "/patients/1/reasons", rows={"Appointment": n}),
        Call("GET /patients/{patient_id}/doctors", "/patients/1/doctors", rows={"Appointment": n}),
        Call("PUT /patients/{patient_id}", "/patients/1", json={"name": "other"}),
        Call("PUT /patients/{patient_id}/changed", "/patients/1/changed", json={"name": "other"}),
        Call("GET /appointments"),
        Call("POST /appointments", json=visit, rows={"Patient": 1}),
        Call("PUT /appointments/{appointment_id}", "/appointments/1?reason=pain"),
        Call("GET /doctors/loads"),
        Call("GET /doctors/tally"),
    ]
