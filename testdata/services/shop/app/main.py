"""The shop's API."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse

from app.db import Db
from app.models import Order, Product
from app.schemas import (
    CustomerOut,
    OrderBrief,
    OrderHidden,
    OrderIn,
    OrderOut,
    ProductIn,
    ProductOut,
    ProductPage,
    ProductPatch,
    Spending,
    Total,
)
from app.services import NotFound, OrderService, ProductService, best_customers

app = FastAPI(title="Shop")
orders = APIRouter(prefix="/orders", tags=["orders"])
products = APIRouter(prefix="/products", tags=["products"])


def order_service(session: Db) -> OrderService:
    return OrderService(session)


def product_service(session: Db) -> ProductService:
    return ProductService(session)


Orders = Annotated[OrderService, Depends(order_service)]
Products = Annotated[ProductService, Depends(product_service)]


@app.exception_handler(NotFound)
def not_found(_request: Request, _error: NotFound) -> JSONResponse:
    return JSONResponse({"detail": "Not found"}, 404)


@orders.get("", response_model=list[OrderOut])
def list_orders(service: Orders) -> list[Order]:
    return service.newest()


@orders.get("/loaded", response_model=list[OrderOut])
def list_orders_loaded(service: Orders) -> list[Order]:
    return service.loaded()


@orders.get("/brief", response_model=list[OrderBrief])
def list_orders_brief(service: Orders) -> list[Order]:
    return service.newest()


@orders.get("/hidden", response_model=list[OrderHidden])
def list_orders_hidden(service: Orders) -> list[Order]:
    return service.newest()


@orders.get("/{order_id}/customer", response_model=CustomerOut)
def read_customer(order_id: int, service: Orders) -> object:
    return service.read(order_id).customer


@orders.get("/{order_id}/total")
def read_total(order_id: int, service: Orders) -> Total:
    return service.total(order_id)


@orders.post("", response_model=OrderBrief, status_code=201)
def place_order(body: OrderIn, service: Orders) -> Order:
    return service.place(body)


@orders.post("/at-once", response_model=OrderBrief, status_code=201)
def place_order_at_once(body: OrderIn, service: Orders) -> Order:
    return service.place_at_once(body)


@orders.post("/{order_id}/payment", response_model=OrderBrief)
def pay_order(order_id: int, service: Orders) -> Order:
    return service.pay(order_id)


@orders.delete("/{order_id}", status_code=204)
def cancel_order(order_id: int, service: Orders) -> None:
    service.cancel(order_id)


@products.get("", response_model=ProductPage)
def list_products(
    service: Products, offset: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> ProductPage:
    items, total = service.page(offset, limit)
    return ProductPage(items=[ProductOut.model_validate(item) for item in items], total=total)


@products.patch("/{product_id}", response_model=ProductOut)
def change_product(product_id: int, patch: ProductPatch, service: Products) -> Product:
    return service.change(product_id, patch)


@products.post("/import")
def import_products(items: list[ProductIn], service: Products) -> int:
    return service.take_in(items)


@products.post("/import-slowly")
def import_products_slowly(items: list[ProductIn], service: Products) -> int:
    return service.take_in_slowly(items)


@app.get("/customers/best")
def list_best_customers(session: Db) -> list[Spending]:
    return best_customers(session)


app.include_router(orders)
app.include_router(products)
