"""Routes of Starlette. Source: starlette/routing.py; https://www.starlette.io/routing/."""


from _architect import is_unknown as _is_unknown


class _EventSite:
    def __init__(self, event, function):
        self.event = event
        self.function = function


class Match:
    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(Exception):
    pass


class BaseRoute:
    pass


class Route(BaseRoute):
    def __init__(self, path, endpoint, *, methods=None, name=None, include_in_schema=True, middleware=None):
        self.path = path
        self.endpoint = endpoint
        # Whoever answers GET answers HEAD.
        self.methods = [method.upper() for method in methods] if methods else ["GET"]
        answers = "GET" in self.methods and "HEAD" not in self.methods
        if not _is_unknown(answers) and answers:
            self.methods.append("HEAD")
        self.name = name
        self.include_in_schema = include_in_schema


class WebSocketRoute(BaseRoute):
    def __init__(self, path, endpoint, *, name=None, middleware=None):
        self.path = path
        self.endpoint = endpoint
        self.name = name


class Mount(BaseRoute):
    def __init__(self, path, app=None, routes=None, name=None, *, middleware=None):
        self.path = path.rstrip("/")
        self.name = name
        self.app = Router(routes=routes) if app is None else app

    @property
    def routes(self):
        return getattr(self.app, "routes", [])


class Host(BaseRoute):
    def __init__(self, host, app, name=None):
        self.host = host
        self.app = app
        self.name = name


class Router:
    def __init__(
        self, routes=None, redirect_slashes=True, default=None, on_startup=None, on_shutdown=None, lifespan=None, **options
    ):
        self.routes = [] if routes is None else list(routes)
        self.on_startup = [] if on_startup is None else list(on_startup)
        self.on_shutdown = [] if on_shutdown is None else list(on_shutdown)
        self.lifespan = lifespan
        self.event_sites = []

    def mount(self, path, app, name=None):
        self.routes.append(Mount(path, app=app, name=name))

    def host(self, host, app, name=None):
        self.routes.append(Host(host, app=app, name=name))

    def add_route(self, path, endpoint, methods=None, name=None, include_in_schema=True):
        self.routes.append(
            Route(path, endpoint=endpoint, methods=methods, name=name, include_in_schema=include_in_schema)
        )

    def add_websocket_route(self, path, endpoint, name=None):
        self.routes.append(WebSocketRoute(path, endpoint=endpoint, name=name))

    def route(self, path, methods=None, name=None, include_in_schema=True):
        def decorator(func):
            self.add_route(path, func, methods=methods, name=name, include_in_schema=include_in_schema)
            return func

        return decorator

    def add_event_handler(self, event_type, func):
        self.event_sites.append(_EventSite(event_type, func))
        if event_type == "startup":
            self.on_startup.append(func)
        else:
            self.on_shutdown.append(func)

    def on_event(self, event_type):
        def decorator(func):
            self.add_event_handler(event_type, func)
            return func

        return decorator


def compile_path(path):
    return (None, path, {})


def get_name(endpoint):
    return getattr(endpoint, "__name__", type(endpoint).__name__)


def request_response(func):
    return func


def websocket_session(func):
    return func
