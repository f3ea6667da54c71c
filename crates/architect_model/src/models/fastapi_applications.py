"""Applications. Source: fastapi/applications.py of 0.115 to 0.165; https://fastapi.tiangolo.com/reference/fastapi/."""

from fastapi.routing import APIRouter, _DEFAULT
from starlette.applications import Starlette


class FastAPI(Starlette):
    def __init__(
        self,
        *,
        debug=False,
        routes=None,
        title="FastAPI",
        summary=None,
        description="",
        version="0.1.0",
        openapi_url="/openapi.json",
        openapi_tags=None,
        servers=None,
        dependencies=None,
        default_response_class=_DEFAULT,
        redirect_slashes=True,
        docs_url="/docs",
        redoc_url="/redoc",
        swagger_ui_oauth2_redirect_url="/docs/oauth2-redirect",
        swagger_ui_init_oauth=None,
        middleware=None,
        exception_handlers=None,
        on_startup=None,
        on_shutdown=None,
        lifespan=None,
        root_path="",
        responses=None,
        callbacks=None,
        webhooks=None,
        deprecated=None,
        include_in_schema=True,
        generate_unique_id_function=_DEFAULT,
        **extra,
    ):
        self.debug = debug
        self.title = title
        self.summary = summary
        self.description = description
        self.version = version
        self.openapi_url = openapi_url
        self.docs_url = docs_url
        self.openapi_tags = openapi_tags
        self.servers = servers
        self.redirect_slashes = redirect_slashes
        self.strict_content_type = extra.get("strict_content_type", True)
        self.terms_of_service = extra.get("terms_of_service")
        self.contact = extra.get("contact")
        self.license_info = extra.get("license_info")
        self.openapi_external_docs = extra.get("openapi_external_docs")
        self.separate_input_output_schemas = extra.get("separate_input_output_schemas", True)
        self.openapi_version = extra.get("openapi_version", "3.1.0")
        self.redoc_url = redoc_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.root_path = root_path
        self.extra = extra
        self.openapi_schema = None
        self.webhooks = webhooks or APIRouter()
        self.state = _State()
        self.dependency_overrides = {}
        self.router = APIRouter(
            routes=routes,
            dependency_overrides_provider=self,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            default_response_class=default_response_class,
            dependencies=dependencies,
            callbacks=callbacks,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
            responses=responses,
            generate_unique_id_function=generate_unique_id_function,
        )
        self.exception_handlers = {} if exception_handlers is None else dict(exception_handlers)
        self.user_middleware = [] if middleware is None else list(middleware)
        self.setup()

    def setup(self):
        # Before the document is served, its route and those of its pages stand first.
        if self.openapi_url:
            self.add_route(self.openapi_url, _openapi, include_in_schema=False, name="openapi")
        if self.openapi_url and self.docs_url:
            self.add_route(self.docs_url, _swagger_ui_html, include_in_schema=False, name="swagger_ui_html")
            if self.swagger_ui_oauth2_redirect_url:
                self.add_route(
                    self.swagger_ui_oauth2_redirect_url,
                    _swagger_ui_redirect,
                    include_in_schema=False,
                    name="swagger_ui_redirect",
                )
        if self.openapi_url and self.redoc_url:
            self.add_route(self.redoc_url, _redoc_html, include_in_schema=False, name="redoc_html")

    def openapi(self):
        return {}

    def build_middleware_stack(self):
        return None

    def add_api_route(self, path, endpoint, **options):
        self.router.add_api_route(path, endpoint, **options)

    def api_route(self, path, **options):
        return self.router.api_route(path, **options)

    def add_api_websocket_route(self, path, endpoint, name=None, *, dependencies=None):
        self.router.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies)

    def websocket(self, path, name=None, *, dependencies=None):
        return self.router.websocket(path, name=name, dependencies=dependencies)

    def include_router(self, router, **options):
        self.router.include_router(router, **options)

    def frontend(self, path, **options):
        return None

    def get(self, path, **options):
        return self.router.get(path, **options)

    def put(self, path, **options):
        return self.router.put(path, **options)

    def post(self, path, **options):
        return self.router.post(path, **options)

    def delete(self, path, **options):
        return self.router.delete(path, **options)

    def options(self, path, **options):
        return self.router.options(path, **options)

    def head(self, path, **options):
        return self.router.head(path, **options)

    def patch(self, path, **options):
        return self.router.patch(path, **options)

    def trace(self, path, **options):
        return self.router.trace(path, **options)


class _State:
    pass


def _openapi(req):
    return None


def _swagger_ui_html(req):
    return None


def _swagger_ui_redirect(req):
    return None


def _redoc_html(req):
    return None
