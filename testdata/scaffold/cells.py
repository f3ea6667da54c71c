"""Which services the tests generate: sizes, designs and variants of them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

SIZES = ("prototype", "service", "scaled")

THREE = (
    "customer name:string:index email:string:unique user:ref:cascade",
    "product name:string:index price:decimal:gt=0 stock:int:ge=0 released:date?",
    "order customer:ref:cascade product:ref status:enum(new,paid,sent):index "
    "total:decimal:gt=0 note:text?",
)
TEN = (
    "country code:string:unique:min=2:max=2 name:string:index",
    "warehouse name:string:unique country:ref opened:date area:float?:gt=0",
    "category name:string:index parent:ref(category)?:set-null",
    "supplier name:string:index country:ref active:bool",
    "article sku:uuid:unique title:string:index:min=3:max=80 category:ref "
    "price:decimal:gt=0:lt=100000 weight:float?:ge=0 description:text?",
    "offer supplier:ref:cascade article:ref:cascade price:decimal:ge=0 until:date?",
    "stock_level article:ref:cascade warehouse:ref quantity:bigint:ge=0:index",
    "basket user:ref:cascade name:string? checked_out_at:datetime?",
    "basket_item basket:ref:cascade article:ref quantity:int:ge=1:le=99",
    "shipment basket:ref:cascade state:enum(packed,sent,lost):index sent_at:datetime "
    "insured:bool tracking:string:unique reviewer:ref(user)?:set-null",
)
# Nothing that belongs to anybody.
OPEN = (
    "author name:string:index born:date?",
    "book author:ref:cascade title:string:index pages:int:gt=0 isbn:string?:unique",
    "loan book:ref returned:bool due:datetime fee:decimal?:ge=0 state:enum(out,back)?",
)
DESIGNS = {"none": (), "three": THREE, "ten": TEN, "open": OPEN}


@dataclass(frozen=True)
class Cell:
    """One service to generate."""

    size: str
    design: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it, for people and for folders."""
        more = "".join("-" + option.removeprefix("--") for option in self.options)
        return f"{self.size}-{self.design}{more}"

    @property
    def on_postgres(self) -> bool:
        """Whether its packages have a driver of PostgreSQL."""
        if "--db" in self.options:
            return self.options[self.options.index("--db") + 1] == "postgres"
        return self.size != "prototype"

    @property
    def accounts(self) -> bool:
        """Whether it has accounts."""
        return "none" not in self.options

    def arguments(self) -> list[str]:
        """Give the command line of `new`, after the name."""
        resources = [part for text in DESIGNS[self.design] for part in ("--resource", text)]
        return ["--yes", "--size", self.size, *self.options, *resources]


MAIN = tuple(Cell(size, design) for size in SIZES for design in ("none", "three", "ten"))
VARIANTS = (
    Cell("service", "ten", ("--sync",)),
    Cell("prototype", "three", ("--sync", "--hasher", "argon2")),
    Cell("scaled", "three", ("--sync",)),
    Cell("service", "three", ("--hasher", "argon2")),
    Cell("prototype", "open", ("--auth", "none")),
    Cell("service", "open", ("--auth", "none", "--sync")),
    Cell("scaled", "open", ("--auth", "none")),
    Cell("prototype", "none", ("--auth", "none")),
    Cell("service", "none", ("--auth", "none")),
    Cell("service", "none", ("--auth", "none", "--sync")),
    Cell("scaled", "none", ("--auth", "none")),
    Cell("service", "three", ("--db", "sqlite")),
    Cell("prototype", "three", ("--db", "postgres")),
)


def turn() -> int:
    """Count the commits, so that each one has its turn and can be run again."""
    ran = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=HERE, capture_output=True, text=True
    )
    return int(ran.stdout) if ran.returncode == 0 else 0


def chosen() -> tuple[Cell, ...]:
    """Give every cell when `SCAFFOLD_CELLS=all`, those that are named, or the part whose turn it is."""
    asked = os.environ.get("SCAFFOLD_CELLS", "")
    everything = MAIN + VARIANTS
    if asked == "all":
        return everything
    if asked:
        names = asked.split(",")
        found = tuple(cell for cell in everything if str(cell) in names)
        if len(found) != len(names):
            known = ", ".join(str(cell) for cell in everything)
            raise SystemExit(f"SCAFFOLD_CELLS={asked}: cells are {known}")
        return found
    now = turn()
    # One design for each size, another one each time, and one variant.
    diagonal = tuple(MAIN[3 * size + (now + size) % 3] for size in range(3))
    return (*diagonal, VARIANTS[now % len(VARIANTS)])
