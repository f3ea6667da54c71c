"""The fleet's API."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from app.models import Depot, Trip, Truck, Vehicle
from app.schemas import DepotTree, TripIn, TruckIn, TruckOut, VehicleOut
from app.work import Unit

app = FastAPI(title="Fleet")


def known_vehicle(plate: str, unit: Unit) -> Vehicle:
    vehicle = unit.vehicles.by_plate(plate)
    if vehicle is None:
        raise HTTPException(404, "No such vehicle")
    return vehicle


Known = Annotated[Vehicle, Depends(known_vehicle)]


@app.get("/vehicles", response_model=list[VehicleOut])
def list_vehicles(unit: Unit) -> list[Vehicle]:
    return unit.vehicles.all()


@app.get("/vehicles/types")
def list_types(unit: Unit) -> dict[str, str]:
    return {vehicle.plate: vehicle.type.name for vehicle in unit.vehicles.all() if vehicle.type is not None}


@app.get("/trucks", response_model=list[TruckOut])
def list_trucks(unit: Unit) -> list[Truck]:
    return unit.vehicles.trucks()


@app.post("/trucks", status_code=201)
def add_truck(body: TruckIn, unit: Unit) -> int:
    truck = Truck(plate=body.plate, depot_id=body.depot_id, load=body.load)
    truck.trips.extend(Trip(vehicle_id=0, distance=trip.distance) for trip in body.trips)
    unit.vehicles.add(truck)
    unit.commit()
    return truck.id


@app.get("/vehicles/{plate}/distance")
def read_distance(vehicle: Known, unit: Unit) -> int:
    return sum(trip.distance for trip in unit.trips_of(vehicle))


@app.post("/vehicles/{plate}/trips", status_code=201)
def add_trip(vehicle: Known, body: TripIn, unit: Unit) -> int:
    vehicle.trips.append(Trip(vehicle_id=vehicle.id, distance=body.distance))
    unit.commit()
    return len(vehicle.trips)


@app.put("/vehicles/{plate}/trips")
def correct_trips(vehicle: Known, body: TripIn, unit: Unit) -> int:
    for trip in vehicle.trips:
        trip.distance = body.distance
    unit.commit()
    return len(vehicle.trips)


@app.delete("/vehicles/{plate}", status_code=204)
def remove_vehicle(vehicle: Known, unit: Unit) -> None:
    unit.vehicles.remove(vehicle)
    unit.commit()


@app.get("/depots", response_model=list[DepotTree])
def list_depots(unit: Unit) -> list[Depot]:
    return unit.depots.roots()


@app.get("/depots/loaded", response_model=list[DepotTree])
def list_depots_loaded(unit: Unit) -> list[Depot]:
    return unit.depots.roots_loaded()


@app.get("/depots/plates")
def list_plates(unit: Unit) -> dict[str, list[str]]:
    return {depot.name: [vehicle.plate for vehicle in depot.vehicles] for depot in unit.depots.roots()}


@app.get("/vehicles/{plate}/depots")
def list_way_up(vehicle: Known) -> list[str]:
    names = [vehicle.depot.name]
    if vehicle.depot.parent is not None:
        names.append(vehicle.depot.parent.name)
    return names
