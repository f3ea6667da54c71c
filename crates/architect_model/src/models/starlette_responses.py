class Response:
    pass


class HTMLResponse(Response):
    pass


class PlainTextResponse(Response):
    pass


class JSONResponse(Response):
    pass


class RedirectResponse(Response):
    pass


class StreamingResponse(Response):
    pass


class FileResponse(Response):
    pass
