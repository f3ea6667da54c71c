"""What SQLAlchemy makes of the programs in `crates/architect_model/tests/tables` is what the pages say of them.

The tests of the model compare the same pages with what the program reads from the source, so that this file is the judge
of both. `python test_tables.py` writes the blocks `tables` of all pages.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parent / "../../crates/architect_model/tests/tables"
CASE = re.compile(r"^# (?P<title>.*)\n(?P<body>(?:(?!^# )(?:```.*\n(?:(?!```).*\n)*```\n|.*\n))*)", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+) path=(\S+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def default(title, value):
    if value is None:
        return ""
    kind = type(value).__name__
    if getattr(value, "is_callable", False):
        call = getattr(value.arg, "__wrapped__", value.arg)
        owner = getattr(call, "__self__", None)
        module = call.__module__ or f"{owner.__module__}.{owner.__qualname__}"
        return f" {title}={module}:{call.__name__ if call.__module__ is None else call.__qualname__}()"
    if getattr(value, "is_scalar", False):
        return f" {title}={value.arg!r}"
    if kind == "Sequence":
        return f" {title}=sequence {value.name}"
    if kind == "Computed":
        return f" {title}=computed {value.sqltext}"
    if kind == "Identity":
        return f" {title}=identity"
    if not hasattr(value, "arg"):
        return f" {title}=fetched"
    return f" {title}={getattr(value.arg, 'text', value.arg)}"


def named(item):
    return "" if item.name is None else f" as {item.name}"


def foreign_key(key):
    line = f"foreign key ({', '.join(e.parent.name for e in key.elements)}) -> "
    line += ", ".join(e.target_fullname for e in key.elements)
    for title, text in (("on delete", key.ondelete), ("on update", key.onupdate), ("initially", key.initially)):
        line += f" {title} {text}" if text else ""
    return line + (" deferrable" if key.deferrable else "") + (" alter" if key.use_alter else "") + named(key)


def check(item, table):
    from sqlalchemy.dialects import postgresql

    text = str(item.sqltext.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    text = re.sub(rf'(?:"?[\w]+"?\.)?\b{table.name}\.(?=\w)', "", text)
    return f"check {text}{named(item)}"


def table_lines(table):
    from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
    from sqlalchemy.dialects import postgresql

    yield f"{table.fullname}" + (f' comment="{table.comment}"' if table.comment else "")
    for column in table.columns:
        line = f"{column.name} {column.type.compile(dialect=postgresql.dialect())}"
        line += "" if column.nullable else " not null"
        line += default("default", column.default) + default("onupdate", column.onupdate)
        line += default("server_default", column.server_default)
        line += "".join(f" -> {target}" for target in sorted(key.target_fullname for key in column.foreign_keys))
        yield "  " + line + (f' comment="{column.comment}"' if column.comment else "")
    columns = [column.name for column in table.primary_key.columns]
    yield f"  primary key ({', '.join(columns)}){named(table.primary_key)}"

    def order(item):
        return [column.name for column in item.columns], str(item.name or "")

    for key in sorted((c for c in table.constraints if isinstance(c, ForeignKeyConstraint)), key=order):
        yield "  " + foreign_key(key)
    for key in sorted((c for c in table.constraints if isinstance(c, UniqueConstraint)), key=order):
        yield f"  unique ({', '.join(column.name for column in key.columns)}){named(key)}"
    for index in sorted(table.indexes, key=order):
        unique = "unique " if index.unique else ""
        partial = " partial" if any(k.endswith("_where") and v is not None for k, v in index.dialect_kwargs.items()) else ""
        yield f"  {unique}index ({', '.join(column.name for column in index.columns)}){partial}{named(index)}"
    checks = [c for c in table.constraints if isinstance(c, CheckConstraint)]
    checks += [c for column in table.columns for c in column.constraints if isinstance(c, CheckConstraint)]
    yield from sorted(f"  {check(item, table)}" for item in checks)


def mapper_lines(mapper):
    from sqlalchemy.orm import ColumnProperty, CompositeProperty, RelationshipProperty, SynonymProperty

    def qualified(cls):
        return f"{cls.__module__}:{cls.__qualname__}"

    line = f"class {qualified(mapper.class_)} of {mapper.local_table.fullname}"
    line += f" inherits {qualified(mapper.inherits.class_)}" if mapper.inherits else ""
    line += " concrete" if mapper.concrete else ""
    line += f" on {mapper.polymorphic_on.name}" if mapper.polymorphic_on is not None else ""
    line += f" as {mapper.polymorphic_identity}" if mapper.polymorphic_identity is not None else ""
    yield line + (f" version {mapper.version_id_col.name}" if mapper.version_id_col is not None else "")
    lines = []
    for item in mapper.attrs:
        if isinstance(item, RelationshipProperty):
            direction = item.direction.name.lower().replace("to", "-to-")
            line = f"relationship {item.key} to {qualified(item.mapper.class_)} {direction} "
            line += f"{'list' if item.uselist else 'one'} lazy={str(item.lazy).lower()}"
            line += f" through {item.secondary.fullname}" if item.secondary is not None else ""
            line += f" back={item.back_populates}" if item.back_populates else ""
            cascade = ",".join(sorted(item.cascade))
            line += f" cascade={cascade}" if cascade != ("merge" if item.viewonly else "merge,save-update") else ""
            line += (" view only" if item.viewonly else "") + (" passive deletes" if item.passive_deletes else "")
            lines.append(f"{line} by {','.join(sorted({column.name for column in item.local_columns}))}")
        elif isinstance(item, ColumnProperty):
            column = item.columns[0]
            name = column.name if getattr(column, "table", None) is not None else "expression"
            deferred = " deferred" if item.deferred else ""
            plain = name == item.key and not item.deferred
            lines.append(f"column {item.key}" if plain else f"column {item.key} = {name}{deferred}")
        elif isinstance(item, SynonymProperty):
            lines.append(f"synonym {item.key}")
        elif isinstance(item, CompositeProperty):
            lines.append(f"composite {item.key}")
    for key, descriptor in mapper.all_orm_descriptors.items():
        kind = str(getattr(descriptor, "extension_type", ""))
        for sign, title in (("HYBRID_PROPERTY", "hybrid"), ("ASSOCIATION_PROXY", "proxy")):
            if sign in kind:
                lines.append(f"{title} {key}")
    yield from (f"  {line}" for line in sorted(lines))


def describe():
    """Prints what the package `app` of the working directory declares."""
    import gc
    import importlib
    import pkgutil
    import warnings

    warnings.simplefilter("ignore")
    sys.path.insert(0, os.getcwd())
    package = importlib.import_module("app")
    for module in pkgutil.walk_packages(package.__path__, "app."):
        importlib.import_module(module.name)
    from sqlalchemy import MetaData
    from sqlalchemy.orm import configure_mappers, registry

    configure_mappers()
    everything = gc.get_objects()
    tables = [table for item in everything if isinstance(item, MetaData) for table in item.tables.values()]
    tables = [table for table in tables if table.schema not in ("pg_catalog", "information_schema")]
    mappers = [mapper for item in everything if isinstance(item, registry) for mapper in item.mappers]
    tables.sort(key=lambda table: (table.fullname, [column.name for column in table.columns]))
    parts = [list(table_lines(table)) for table in tables]
    mappers.sort(key=lambda m: (f"{m.class_.__module__}:{m.class_.__qualname__}", m.local_table.fullname))
    parts += [list(mapper_lines(mapper)) for mapper in mappers]
    print("\n\n".join("\n".join(part) for part in parts))


def declared(files, folder):
    (folder / "app").mkdir()
    (folder / "app/__init__.py").write_text("")
    for path, text in files:
        (folder / path).write_text(text)
    command = [sys.executable, str(Path(__file__).resolve()), "describe"]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def cases():
    for page in sorted(PAGES.glob("*.md")):
        for case in CASE.finditer(page.read_text()):
            blocks = BLOCK.findall(case["body"])
            files = [(path, text) for _, path, text in blocks if path != "tables"]
            if files:
                yield page, case, files, next((text for _, path, text in blocks if path == "tables"), None)


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c[0].stem}: {c[1]['title']}") for c in cases()])
def test_the_page_says_what_sqlalchemy_makes_of_it(case, tmp_path: Path) -> None:
    _, _, files, expected = case
    assert declared(files, tmp_path) == expected


def write():
    import tempfile

    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text()
        for found, case, files, _ in list(cases()):
            if found == page:
                with tempfile.TemporaryDirectory() as folder:
                    block = f"```text path=tables\n{declared(files, Path(folder))}```\n"
                body = re.sub(r"\n*^```text path=tables\n.*?^```\n", "\n", case["body"], flags=re.MULTILINE | re.DOTALL)
                text = text.replace(case["body"], f"{body.rstrip()}\n\n{block}\n")
        page.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    describe() if sys.argv[1:] == ["describe"] else write()
