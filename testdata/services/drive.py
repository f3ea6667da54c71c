"""Runs one service on a database with N rows of everything and says what each of its endpoints did.

`python drive.py SERVICE N FOLDER` prints JSON; the database lives in FOLDER. One process a run, so that what a service
keeps in its modules is fresh.
"""

import gc
import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ASIDE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "PRAGMA")


class Watch:
    """What happens while a request is answered."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.held: list[int] = []
        self.commits = 0
        self.background = 0

    def executed(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not self.background and not statement.startswith(ASIDE):
            self.statements.append(" ".join(statement.split()))

    def committed(self, *_: Any) -> None:
        self.commits += not self.background


def run(service: str, n: int, folder: Path) -> dict[str, Any]:
    database = folder / "service.db"
    sys.path[:0] = [str(HERE / service), str(HERE)]
    import importlib

    seed = importlib.import_module("seed")
    os.environ["DATABASE_URL"] = f"{getattr(seed, 'SCHEME', 'sqlite')}:///{database}"
    rows = seed.rows(n)

    from fastapi.testclient import TestClient
    from sqlalchemy import Engine, create_engine, event
    from sqlalchemy.orm import Session
    from starlette.background import BackgroundTask

    db = importlib.import_module("app.db")
    main = importlib.import_module("app.main")
    template = folder / "template.db"
    filler = create_engine(f"sqlite:///{template}")
    with filler.begin() as connection:
        db.metadata.create_all(connection)
        for table in db.metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(table.insert(), rows[table.name])
    filler.dispose()

    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.executed)
    event.listen(Engine, "commit", watch.committed)
    run_task = BackgroundTask.__call__

    async def aside(self: BackgroundTask) -> None:
        watch.background += 1
        try:
            await run_task(self)
        finally:
            watch.background -= 1

    BackgroundTask.__call__ = aside  # type: ignore[method-assign]
    engine = getattr(db.engine, "sync_engine", db.engine)

    async def probed(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.body" and message.get("more_body"):
                watch.held.append(engine.pool.checkedout())
            await send(message)

        await main.app(scope, receive, sending)

    # Sessions whose transaction has begun and not ended: they keep a connection.
    begun: list[Any] = []
    event.listen(Session, "after_begin", lambda session, *_: begun.append(session))

    def ask(client: TestClient, method: str, url: str, body: Any) -> tuple[int, str]:
        watch.__init__()  # type: ignore[misc]
        try:
            response = client.request(method, url, json=body)
        except Exception as error:
            return 500, " ".join(f"{type(one).__name__}: {one}" for one in chain(error))
        return response.status_code, "" if response.status_code < 400 else response.text

    out: dict[str, Any] = {}
    with TestClient(probed) as client:

        def fresh() -> None:
            begun.clear()
            gc.collect()
            dispose = db.engine.dispose
            client.portal.call(dispose) if engine is not db.engine else dispose()  # type: ignore[union-attr]
            database.unlink(missing_ok=True)
            shutil.copy(template, database)

        def left_open() -> int:
            return sum(session.in_transaction() for session in set(begun))

        for call in seed.calls(n):
            fresh()
            gc.disable()
            status, error = ask(client, call.method, call.url, call.json)
            seen = {
                "status": status,
                "error": error,
                "statements": list(watch.statements),
                "commits": watch.commits,
                "held": max(watch.held, default=0),
                "open": left_open(),
                "rows": call.rows,
                "failing": None,
            }
            if call.failing:
                fresh()
                ask(client, call.method, call.failing, call.json)
                seen["failing"] = left_open()
            gc.enable()
            out[call.route] = seen
        fresh()
    return {"calls": out, "rows": counted(db.metadata, rows), "nested": seed.per_parent(n)}


def chain(error: BaseException | None) -> Any:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def counted(metadata: Any, rows: dict[str, list[Any]]) -> dict[str, int]:
    """How many rows there are of each mapped class and each table, by the name that formulas use."""
    from sqlalchemy.orm import registry

    out = {name: len(rows.get(name, [])) for name in metadata.tables}
    for item in gc.get_objects():
        if isinstance(item, registry):
            out.update({m.class_.__name__: len(rows.get(m.local_table.name, [])) for m in item.mappers})
    return out


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with open(os.devnull, "w") as quiet:
        says, sys.stdout = sys.stdout, quiet
        result = run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
        sys.stdout = says
    print(json.dumps(result))
    # Threads of connections that a service leaked would keep the process.
    sys.stdout.flush()
    os._exit(0)
