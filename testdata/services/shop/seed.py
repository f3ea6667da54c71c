"""N customers with an order each, N lines in each order, N products in N categories."""

from typing import Any

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    lines = [
        {"id": o * n + i + 1, "order_id": o + 1, "product_id": i + 1, "quantity": 2} for o in range(n) for i in range(n)
    ]
    return {
        "customers": [{"id": c + 1, "name": f"c{c}"} for c in range(n)],
        "categories": [{"id": c + 1, "name": f"g{c}"} for c in range(n)],
        "products": [{"id": p + 1, "name": f"p{p}", "price": 3, "stock": 9, "category_id": p + 1} for p in range(n)],
        "orders": [{"id": o + 1, "customer_id": o + 1, "paid": False} for o in range(n)],
        "order_lines": lines,
    }


def per_parent(n: int) -> dict[str, int]:
    return {"OrderLine": n, "Order": 1}


def calls(n: int) -> list[Call]:
    order = {"customer_id": 1, "lines": [{"product_id": p + 1} for p in range(n)]}
    items = [{"name": f"new{p}", "price": 1, "category_id": 1} for p in range(n)]
    return [
        Call("GET /orders"),
        Call("GET /orders/loaded"),
        Call("GET /orders/brief"),
        Call("GET /orders/hidden"),
        Call("GET /orders/{order_id}/customer", "/orders/1/customer", rows={"Customer": 1}),
        Call("GET /orders/{order_id}/total", "/orders/1/total", rows={"OrderLine": n}, failing="/orders/0/total"),
        Call("POST /orders", json=order, rows={"body.lines": n, "lines": n}),
        Call("POST /orders/at-once", json=order, rows={"body.lines": n, "lines": n}),
        Call("POST /orders/{order_id}/payment", "/orders/1/payment"),
        Call("DELETE /orders/{order_id}", "/orders/1", failing="/orders/0"),
        Call("GET /products", "/products?limit=500"),
        Call("PATCH /products/{product_id}", "/products/1", json={"price": 5}, rows={"Category": 1}),
        Call("POST /products/import", json=items, rows={"items": n}),
        Call("POST /products/import-slowly", json=items, rows={"items": n}),
        Call("GET /customers/best", rows={"Customer": min(n, 3)}),
    ]
