class HTTPConnection:
    pass


class Request(HTTPConnection):
    pass
