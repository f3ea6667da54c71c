from starlette.requests import HTTPConnection


class WebSocket(HTTPConnection):
    pass


class WebSocketDisconnect(Exception):
    pass


class WebSocketState:
    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
