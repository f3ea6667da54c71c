"""Everything a document can hold."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, Response, Security, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer, OAuth2PasswordBearer, SecurityScopes
from pydantic import BaseModel, create_model

from app import other
from app.models import Camel, Colour, Ids, Inner, Item, Named, Noted, Outer, Owner, Page, Pair, Pet, Settings


def unique_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'root'}-{route.name}"


app = FastAPI(
    title="Catalogue",
    version="1.4.0",
    summary="One of everything",
    description="Described.",
    contact={"name": "Team", "email": "team@example.com"},
    license_info={"name": "MIT"},
    openapi_tags=[{"name": "items", "description": "Things"}],
    servers=[{"url": "https://example.com"}],
)
oauth = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "Read", "write": "Write"})
key = APIKeyHeader(name="X-Key", auto_error=False)
Dynamic = create_model("Dynamic", size=(int, 3), label=(str | None, None), __doc__="Made by a call.")


class Problem(BaseModel):
    detail: str


class Filters(BaseModel):
    limit: int = Query(10, gt=0, le=100)
    order_by: Colour = Colour.RED
    tags: list[str] = []


class Login(BaseModel):
    username: str
    password: str


def current(scopes: SecurityScopes, token: Annotated[str, Depends(oauth)], api_key: str | None = Security(key)) -> str:
    return token


def paging(offset: int = Query(0, ge=0, description="Where to start"), size: int = 20) -> tuple[int, int]:
    return offset, size


items = APIRouter(prefix="/items", tags=["items"], responses={404: {"model": Problem}, 418: {"description": "Tea"}})


@items.get("/", response_model=Page[Item])
def list_items(page: Annotated[tuple[int, int], Depends(paging)], filters: Annotated[Filters, Query()]) -> Any:
    """List them.

    With pages.
    \f
    Not shown.
    """


@items.post("/", status_code=201, dependencies=[Security(current, scopes=["write"])])
def create_item(item: Item) -> Item: ...


@items.put("/{item_id}", response_model=Item | None, deprecated=True)
def replace_item(
    item_id: Annotated[int, Path(title="The id", ge=1)],
    item: Annotated[Item, Body(embed=True)],
    importance: Annotated[int, Body(gt=0)] = 1,
    trace_id: Annotated[str | None, Header()] = None,
    session: Annotated[str | None, Cookie(description="The session")] = None,
    q: str | None = Query(None, alias="query", min_length=3, pattern="^a", openapi_examples={"a": {"value": "abc"}}),
) -> Any: ...


@items.delete("/{item_id}", status_code=204)
def delete_item(item_id: int, user: Annotated[str, Security(current, scopes=["read", "write"])]) -> None: ...


@items.patch("/bulk", response_model_exclude_unset=True)
def bulk(ids: Ids, settings: Settings) -> dict[str, Pair[int, Item]]: ...


@items.get("/named/{path:path}")
def named(path: str) -> list[Named[Inner]]: ...


@app.post("/pets")
def pets(pet: Pet, owner: Owner) -> Owner: ...


@app.post("/camel", operation_id="camel_case")
def camel(body: Camel) -> Camel: ...


@app.post("/outer")
def outer(body: Outer, second: other.Inner) -> Outer: ...


@app.post("/dynamic")
def dynamic(body: Dynamic) -> Noted: ...


@app.post("/login")
def login(form: Annotated[Login, Form()]) -> str: ...


@app.post("/upload")
def upload(
    file: UploadFile, raw: Annotated[bytes, File(description="Raw")], name: str = Form("x"), more: list[UploadFile] = []
) -> None: ...


@app.get("/page", response_class=HTMLResponse, include_in_schema=True)
def page() -> str: ...


@app.get("/text", response_class=PlainTextResponse)
def text() -> str: ...


@app.get("/move", response_class=RedirectResponse)
def move() -> str: ...


@app.get("/file", response_class=FileResponse)
def file() -> str: ...


@app.get("/stream")
def stream() -> StreamingResponse: ...


@app.get("/lines")
async def lines() -> AsyncIterator[Inner]:
    yield Inner()


@app.get("/raw", response_model=None)
def raw() -> Response | dict[str, str]: ...


@app.get("/hidden", include_in_schema=False)
def hidden() -> None: ...


@app.get("/basic")
def basic(credentials: Annotated[Any, Depends(HTTPBasic())], bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False))]) -> None: ...


@app.api_route("/several", methods=["POST"], openapi_extra={"x-owner": "team"})
def several(flag: bool = False, ratio: float = 0.5, kinds: list[Colour] = Query([Colour.RED])) -> dict[str, Any]: ...


callbacks = APIRouter()


@callbacks.post("{$callback_url}/done", response_model=Problem)
def done(body: Inner) -> None: ...


@app.post("/jobs", callbacks=callbacks.routes, tags=["jobs"], summary="Start a job", response_description="Started")
def jobs(callback_url: str, body: Inner | None = None) -> None: ...


@app.webhooks.post("item-created")
def item_created(body: Inner) -> None:
    """Sent when there is a new one."""


app.include_router(items, generate_unique_id_function=unique_id)
app.include_router(items, prefix="/v2", deprecated=True, include_in_schema=False)
