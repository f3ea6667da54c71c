"""What the shop does."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import Customer, Order, OrderLine, Product
from app.schemas import OrderIn, ProductIn, ProductPatch, Spending, Total

MAX_PAGE = 500


class NotFound(Exception):
    """There is no such thing."""


class ProductService:
    def __init__(self, session: Session) -> None:
        self.session = session

    def page(self, offset: int, limit: int) -> tuple[list[Product], int]:
        statement = select(Product).order_by(Product.id)
        total = self.session.scalar(select(func.count()).select_from(statement.subquery()))
        rows = self.session.scalars(statement.offset(offset).limit(min(limit, MAX_PAGE))).all()
        return list(rows), total or 0

    def read(self, product_id: int) -> Product:
        product = self.session.get(Product, product_id)
        if product is None:
            raise NotFound
        return product

    def change(self, product_id: int, patch: ProductPatch) -> Product:
        product = self.read(product_id)
        for name, value in patch.model_dump(exclude_unset=True).items():
            setattr(product, name, value)
        self.session.commit()
        return product

    def take_in(self, items: list[ProductIn]) -> int:
        for item in items:
            self.session.add(Product(**item.model_dump()))
        self.session.commit()
        return len(items)

    def take_in_slowly(self, items: list[ProductIn]) -> int:
        for item in items:
            self.session.add(Product(**item.model_dump()))
            self.session.commit()
        return len(items)


class OrderService:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.products = ProductService(session)

    def newest(self, limit: int = 100) -> list[Order]:
        return list(self.session.scalars(select(Order).order_by(Order.id.desc()).limit(limit)))

    def loaded(self, limit: int = 100) -> list[Order]:
        lines = selectinload(Order.lines).joinedload(OrderLine.product)
        statement = select(Order).options(lines, joinedload(Order.customer)).order_by(Order.id)
        return list(self.session.execute(statement.limit(limit)).scalars())

    def read(self, order_id: int) -> Order:
        order = self.session.scalars(select(Order).where(Order.id == order_id)).one_or_none()
        if order is None:
            raise NotFound
        return order

    def total(self, order_id: int) -> Total:
        order = self.read(order_id)
        return Total(order_id=order.id, amount=sum(line.quantity * line.product.price for line in order.lines))

    def place(self, body: OrderIn) -> Order:
        order = Order(customer_id=body.customer_id)
        for line in body.lines:
            product = self.products.read(line.product_id)
            order.lines.append(OrderLine(product_id=product.id, quantity=line.quantity))
        self.session.add(order)
        self.session.commit()
        return order

    def place_at_once(self, body: OrderIn) -> Order:
        wanted = [line.product_id for line in body.lines]
        statement = select(Product).where(Product.id.in_(wanted))
        products = {product.id: product for product in self.session.scalars(statement)}
        if len(products) != len(set(wanted)):
            raise NotFound
        lines = [OrderLine(product_id=line.product_id, quantity=line.quantity) for line in body.lines]
        order = Order(customer_id=body.customer_id, lines=lines)
        self.session.add(order)
        self.session.commit()
        self.session.refresh(order)
        return order

    def pay(self, order_id: int) -> Order:
        order = self.read(order_id)
        order.paid = True
        self.session.commit()
        return order

    def cancel(self, order_id: int) -> None:
        self.session.delete(self.read(order_id))
        self.session.commit()


def best_customers(session: Session) -> list[Spending]:
    best = session.scalars(select(Customer).order_by(Customer.id).limit(3)).all()
    return [Spending(name=customer.name, orders=len(customer.orders)) for customer in best]
