"""Responses. Source: starlette/responses.py; https://www.starlette.io/responses/."""


class Response:
    media_type = None
    default_status = 200


class HTMLResponse(Response):
    media_type = "text/html"


class PlainTextResponse(Response):
    media_type = "text/plain"


class JSONResponse(Response):
    media_type = "application/json"


class RedirectResponse(Response):
    default_status = 307


class StreamingResponse(Response):
    pass


class FileResponse(Response):
    pass
