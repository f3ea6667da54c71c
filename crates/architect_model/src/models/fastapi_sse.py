from starlette.responses import StreamingResponse


class EventSourceResponse(StreamingResponse):
    pass


class ServerSentEvent:
    pass
