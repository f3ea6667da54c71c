"""Routers and routes. Source: fastapi/routing.py of 0.115 to 0.165; https://fastapi.tiangolo.com/reference/apirouter/."""

from _architect import is_unknown as _is_unknown, setting as _setting, unknown as _unknown
from fastapi.datastructures import DefaultPlaceholder
from starlette.routing import BaseRoute, Host, Match, Mount, NoMatchFound, Route, Router, WebSocketRoute, compile_path
from starlette.routing import get_name, request_response, websocket_session

# Before 0.137 `include_router` copies the routes it finds; from then on it keeps the router.
_KEEPS_ROUTER = _setting("fastapi.include") != "copy"


class _Default(DefaultPlaceholder):
    def __init__(self):
        self.value = None


_DEFAULT = _Default()


def _first(*values):
    for value in values:
        if not isinstance(value, DefaultPlaceholder):
            return value
    return values[0]


class APIRoute(Route):
    def __init__(
        self,
        path,
        endpoint,
        *,
        response_model=_DEFAULT,
        status_code=None,
        tags=None,
        dependencies=None,
        summary=None,
        description=None,
        response_description="Successful Response",
        responses=None,
        deprecated=None,
        name=None,
        methods=None,
        operation_id=None,
        response_model_include=None,
        response_model_exclude=None,
        response_model_by_alias=True,
        response_model_exclude_unset=False,
        response_model_exclude_defaults=False,
        response_model_exclude_none=False,
        include_in_schema=True,
        response_class=_DEFAULT,
        dependency_overrides_provider=None,
        callbacks=None,
        openapi_extra=None,
        generate_unique_id_function=_DEFAULT,
        **options,
    ):
        self.path = path
        self.path_format = path
        self.endpoint = endpoint
        self.response_model = response_model
        self.status_code = status_code
        self.tags = tags or []
        self.dependencies = list(dependencies or [])
        self.summary = summary
        self.description = description
        self.response_description = response_description
        self.responses = responses or {}
        self.deprecated = deprecated
        self.name = name
        self.methods = methods or ["GET"]
        self.operation_id = operation_id
        self.include_in_schema = include_in_schema
        self.response_class = response_class
        self.dependency_overrides_provider = dependency_overrides_provider
        self.callbacks = callbacks
        self.openapi_extra = openapi_extra
        self.generate_unique_id_function = generate_unique_id_function
        self.response_model_include = response_model_include
        self.response_model_exclude = response_model_exclude
        self.response_model_by_alias = response_model_by_alias
        self.response_model_exclude_unset = response_model_exclude_unset
        self.response_model_exclude_defaults = response_model_exclude_defaults
        self.response_model_exclude_none = response_model_exclude_none

    # What FastAPI makes of the signature is read when all modules have run.
    @property
    def dependant(self):
        return _unknown("what FastAPI makes of a signature")

    def get_route_handler(self):
        return None

    def matches(self, scope):
        return None


class APIWebSocketRoute(WebSocketRoute):
    def __init__(self, path, endpoint, *, name=None, dependencies=None, dependency_overrides_provider=None):
        self.path = path
        self.endpoint = endpoint
        self.name = name
        self.dependencies = list(dependencies or [])

    @property
    def dependant(self):
        return _unknown("what FastAPI makes of a signature")


class _Included:
    """An included router with what the include adds."""

    @property
    def dependant(self):
        return _unknown("what FastAPI makes of a signature")

    def __init__(
        self,
        router,
        parent,
        prefix,
        tags,
        dependencies,
        deprecated,
        include_in_schema,
        unique_id,
        responses=None,
        callbacks=None,
        response_class=_DEFAULT,
    ):
        self.router = router
        self.prefix = parent.prefix + prefix
        self.tags = [*parent.tags, *(tags or [])]
        self.dependencies = [*parent.dependencies, *(dependencies or [])]
        self.deprecated = deprecated or parent.deprecated
        self.include_in_schema = include_in_schema and parent.include_in_schema
        self.unique_id = _first(unique_id, parent.generate_unique_id_function)
        self.responses = {**parent.responses, **(responses or {})}
        self.callbacks = [*parent.callbacks, *(callbacks or [])]
        self.response_class = _first(router.default_response_class, response_class, parent.default_response_class)


class APIRouter(Router):
    def __init__(
        self,
        *,
        prefix="",
        tags=None,
        dependencies=None,
        default_response_class=_DEFAULT,
        responses=None,
        callbacks=None,
        routes=None,
        redirect_slashes=True,
        default=None,
        dependency_overrides_provider=None,
        route_class=APIRoute,
        on_startup=None,
        on_shutdown=None,
        lifespan=None,
        deprecated=None,
        include_in_schema=True,
        generate_unique_id_function=_DEFAULT,
        **options,
    ):
        self.prefix = prefix
        self.tags = tags or []
        self.dependencies = list(dependencies or [])
        self.default_response_class = default_response_class
        self.responses = responses or {}
        self.callbacks = callbacks or []
        self.routes = [] if routes is None else list(routes)
        self.dependency_overrides_provider = dependency_overrides_provider
        self.route_class = route_class
        self.on_startup = [] if on_startup is None else list(on_startup)
        self.on_shutdown = [] if on_shutdown is None else list(on_shutdown)
        self.lifespan = lifespan
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.generate_unique_id_function = generate_unique_id_function
        self.registered = []
        self.event_sites = []

    def add_api_route(
        self,
        path,
        endpoint,
        *,
        response_model=_DEFAULT,
        tags=None,
        dependencies=None,
        responses=None,
        deprecated=None,
        include_in_schema=True,
        response_class=_DEFAULT,
        route_class_override=None,
        callbacks=None,
        generate_unique_id_function=_DEFAULT,
        form_limits=None,
        max_body_size=None,
        strict_content_type=None,
        **options,
    ):
        route_class = route_class_override or self.route_class
        # One whose source is not there still is a route.
        if _is_unknown(issubclass(route_class, APIRoute)):
            route_class = APIRoute
        route = route_class(
            self.prefix + path,
            endpoint=endpoint,
            response_model=response_model,
            tags=[*self.tags, *(tags or [])],
            dependencies=[*self.dependencies, *(dependencies or [])],
            responses={**self.responses, **(responses or {})},
            deprecated=deprecated or self.deprecated,
            include_in_schema=include_in_schema and self.include_in_schema,
            response_class=(
                _first(response_class, self.default_response_class)
                if response_class is not self.default_response_class
                else response_class
            ),
            dependency_overrides_provider=self.dependency_overrides_provider,
            callbacks=[*self.callbacks, *(callbacks or [])],
            generate_unique_id_function=(
                _first(generate_unique_id_function, self.generate_unique_id_function)
                if generate_unique_id_function is not self.generate_unique_id_function
                else generate_unique_id_function
            ),
            **options,
        )
        route.registered_on = self
        self.routes.append(route)
        self.registered.append(route)

    def api_route(
        self,
        path,
        *,
        response_model=_DEFAULT,
        status_code=None,
        tags=None,
        dependencies=None,
        summary=None,
        description=None,
        response_description="Successful Response",
        responses=None,
        deprecated=None,
        methods=None,
        operation_id=None,
        response_model_include=None,
        response_model_exclude=None,
        response_model_by_alias=True,
        response_model_exclude_unset=False,
        response_model_exclude_defaults=False,
        response_model_exclude_none=False,
        include_in_schema=True,
        response_class=_DEFAULT,
        name=None,
        callbacks=None,
        openapi_extra=None,
        generate_unique_id_function=_DEFAULT,
        **options,
    ):
        def decorator(func):
            # A project's own `add_api_route` finds every argument here, the defaults among them.
            self.add_api_route(
                path,
                func,
                response_model=response_model,
                status_code=status_code,
                tags=tags,
                dependencies=dependencies,
                summary=summary,
                description=description,
                response_description=response_description,
                responses=responses,
                deprecated=deprecated,
                methods=methods,
                operation_id=operation_id,
                response_model_include=response_model_include,
                response_model_exclude=response_model_exclude,
                response_model_by_alias=response_model_by_alias,
                response_model_exclude_unset=response_model_exclude_unset,
                response_model_exclude_defaults=response_model_exclude_defaults,
                response_model_exclude_none=response_model_exclude_none,
                include_in_schema=include_in_schema,
                response_class=response_class,
                name=name,
                callbacks=callbacks,
                openapi_extra=openapi_extra,
                generate_unique_id_function=generate_unique_id_function,
                **options,
            )
            return func

        return decorator

    def add_api_websocket_route(self, path, endpoint, name=None, *, dependencies=None):
        route = APIWebSocketRoute(
            self.prefix + path, endpoint=endpoint, name=name, dependencies=[*self.dependencies, *(dependencies or [])]
        )
        route.registered_on = self
        self.routes.append(route)
        self.registered.append(route)

    def websocket(self, path, name=None, *, dependencies=None):
        def decorator(func):
            self.add_api_websocket_route(path, func, name=name, dependencies=dependencies)
            return func

        return decorator

    def websocket_route(self, path, name=None):
        def decorator(func):
            self.add_websocket_route(path, func, name=name)
            return func

        return decorator

    def frontend(self, path, **options):
        return None

    def include_router(
        self,
        router,
        *,
        prefix="",
        tags=None,
        dependencies=None,
        default_response_class=_DEFAULT,
        responses=None,
        callbacks=None,
        deprecated=None,
        include_in_schema=True,
        generate_unique_id_function=_DEFAULT,
        **options,
    ):
        if _KEEPS_ROUTER:
            self.routes.append(
                _Included(
                    router,
                    self,
                    prefix,
                    tags,
                    dependencies,
                    deprecated,
                    include_in_schema,
                    generate_unique_id_function,
                    responses,
                    callbacks,
                    default_response_class,
                )
            )
        else:
            marker = _Included(router, self, prefix, tags, dependencies, deprecated, include_in_schema, _DEFAULT)
            # What was registered, and not the list of routes: that may have been rearranged since.
            marker.copied = len(getattr(router, "registered", []))
            if not hasattr(router, "copied_by"):
                router.copied_by = []
            router.copied_by.append(marker)
            for route in router.routes:
                if isinstance(route, APIRoute):
                    # A subclass of the route gets every argument again, and add_api_route may be the project's own.
                    self.add_api_route(
                        prefix + route.path,
                        route.endpoint,
                        response_model=route.response_model,
                        status_code=route.status_code,
                        tags=[*(tags or []), *(route.tags or [])],
                        dependencies=[*(dependencies or []), *(route.dependencies or [])],
                        summary=route.summary,
                        description=route.description,
                        response_description=route.response_description,
                        responses={**(responses or {}), **route.responses},
                        deprecated=route.deprecated or deprecated or self.deprecated,
                        methods=list(route.methods),
                        operation_id=route.operation_id,
                        response_model_include=route.response_model_include,
                        response_model_exclude=route.response_model_exclude,
                        response_model_by_alias=route.response_model_by_alias,
                        response_model_exclude_unset=route.response_model_exclude_unset,
                        response_model_exclude_defaults=route.response_model_exclude_defaults,
                        response_model_exclude_none=route.response_model_exclude_none,
                        include_in_schema=route.include_in_schema and self.include_in_schema and include_in_schema,
                        response_class=_first(
                            route.response_class, router.default_response_class, default_response_class,
                            self.default_response_class,
                        ),
                        name=route.name,
                        route_class_override=type(route),
                        callbacks=[*(callbacks or []), *(route.callbacks or [])],
                        openapi_extra=route.openapi_extra,
                        generate_unique_id_function=_first(
                            route.generate_unique_id_function, router.generate_unique_id_function,
                            generate_unique_id_function, self.generate_unique_id_function,
                        ),
                    )
                    copy = self.routes[-1]
                    copy.original = route
                    copy.include = marker
                elif isinstance(route, APIWebSocketRoute):
                    self.add_api_websocket_route(
                        prefix + route.path,
                        route.endpoint,
                        name=route.name,
                        dependencies=[*(dependencies or []), *(route.dependencies or [])],
                    )
                    copy = self.routes[-1]
                    copy.original = route
                    copy.include = marker
                elif isinstance(route, Mount):
                    # Mounts of a router are not copied.
                    pass
                elif isinstance(route, WebSocketRoute):
                    self.add_websocket_route(prefix + route.path, route.endpoint, name=route.name)
                elif isinstance(route, Route):
                    self.add_route(
                        prefix + route.path,
                        route.endpoint,
                        methods=list(route.methods or []),
                        include_in_schema=route.include_in_schema,
                        name=route.name,
                    )
        for handler in router.on_startup:
            self.on_startup.append(handler)
        for handler in router.on_shutdown:
            self.on_shutdown.append(handler)

    def get(self, path, **options):
        return self.api_route(path, methods=["GET"], **options)

    def put(self, path, **options):
        return self.api_route(path, methods=["PUT"], **options)

    def post(self, path, **options):
        return self.api_route(path, methods=["POST"], **options)

    def delete(self, path, **options):
        return self.api_route(path, methods=["DELETE"], **options)

    def options(self, path, **options):
        return self.api_route(path, methods=["OPTIONS"], **options)

    def head(self, path, **options):
        return self.api_route(path, methods=["HEAD"], **options)

    def patch(self, path, **options):
        return self.api_route(path, methods=["PATCH"], **options)

    def trace(self, path, **options):
        return self.api_route(path, methods=["TRACE"], **options)
