from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)


class UJSONResponse(JSONResponse):
    pass


class ORJSONResponse(JSONResponse):
    pass
