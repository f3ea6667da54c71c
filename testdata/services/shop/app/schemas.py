"""What the shop takes and answers."""

from pydantic import BaseModel, ConfigDict, Field, computed_field


class Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class CategoryOut(Record):
    name: str


class ProductOut(Record):
    name: str
    price: int
    category: CategoryOut


class ProductPage(BaseModel):
    items: list[ProductOut]
    total: int


class CustomerOut(Record):
    name: str


class LineOut(Record):
    quantity: int
    product: ProductOut

    @computed_field
    def amount(self) -> int:
        return self.quantity * self.product.price


class OrderBrief(Record):
    paid: bool
    line_count: int


class OrderOut(Record):
    customer: CustomerOut
    lines: list[LineOut]


class OrderHidden(OrderBrief):
    customer: CustomerOut = Field(exclude=True)


class LineIn(BaseModel):
    product_id: int
    quantity: int = 1


class OrderIn(BaseModel):
    customer_id: int
    lines: list[LineIn] = Field(max_length=200)


class ProductIn(BaseModel):
    name: str = Field(max_length=100)
    price: int = Field(ge=0)
    category_id: int


class ProductPatch(BaseModel):
    name: str | None = Field(None, max_length=100)
    price: int | None = Field(None, ge=0)


class Total(BaseModel):
    order_id: int
    amount: int


class Spending(BaseModel):
    name: str
    orders: int
