//! Model modules of the libraries that make a service, and packages whose source is never evaluated.
//!
//! A model is a small Python module that stands in for the real one: same names, same classes, only what decides the
//! shape of a service. Version differences are settings ([`include_semantics`]).

use architect_python::Library;

macro_rules! models {
    ($($name:literal => $file:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("models/", $file, ".py")))),*]
    };
}

/// All models. `""` files stand for packages without code of their own.
pub const LIBRARY: Library = Library {
    models: models! {
        "functools" => "functools",
        "contextlib" => "contextlib",
        "enum" => "enum",
        "dataclasses" => "dataclasses",
        "inspect" => "inspect",
        "io" => "io",
        "itertools" => "itertools",
        "fnmatch" => "fnmatch",
        "glob" => "glob",
        "importlib.util" => "importlib_util",
        "urllib.parse" => "urllib_parse",
        "collections" => "collections",
        "contextvars" => "contextvars",
        "os" => "os",
        "os.path" => "os_path",
        "posixpath" => "os_path",
        "pathlib" => "pathlib",
        "pkgutil" => "pkgutil",
        "re" => "re",
        "types" => "types",
        "http" => "http",
        "dependency_injector" => "dependency_injector_init",
        "dependency_injector.containers" => "dependency_injector_containers",
        "dependency_injector.providers" => "dependency_injector_providers",
        "dependency_injector.wiring" => "dependency_injector_wiring",
        "dishka" => "dishka_init",
        "dishka.integrations.fastapi" => "dishka_fastapi",
        "makefun" => "makefun_init",
        "makefun.main" => "makefun_main",
        "fastapi" => "fastapi_init",
        "fastapi.applications" => "fastapi_applications",
        "fastapi.background" => "fastapi_background",
        "fastapi.datastructures" => "fastapi_datastructures",
        "fastapi.dependencies.utils" => "fastapi_dependencies_utils",
        "fastapi.exceptions" => "fastapi_exceptions",
        "fastapi.openapi.utils" => "fastapi_openapi_utils",
        "fastapi.param_functions" => "fastapi_param_functions",
        "fastapi.params" => "fastapi_params",
        "fastapi.requests" => "fastapi_requests",
        "fastapi.responses" => "fastapi_responses",
        "fastapi.routing" => "fastapi_routing",
        "fastapi.security" => "fastapi_security_init",
        "fastapi.security.api_key" => "fastapi_security_api_key",
        "fastapi.security.base" => "fastapi_security_base",
        "fastapi.security.http" => "fastapi_security_http",
        "fastapi.security.oauth2" => "fastapi_security_oauth2",
        "fastapi.security.open_id_connect_url" => "fastapi_security_oidc",
        "fastapi.sse" => "fastapi_sse",
        "fastapi.websockets" => "fastapi_websockets",
        "starlette.applications" => "starlette_applications",
        "starlette.authentication" => "starlette_authentication",
        "starlette.background" => "starlette_background",
        "starlette.config" => "starlette_config",
        "starlette.datastructures" => "starlette_datastructures",
        "starlette.exceptions" => "starlette_exceptions",
        "starlette.middleware" => "starlette_middleware",
        "starlette.requests" => "starlette_requests",
        "starlette.responses" => "starlette_responses",
        "starlette.routing" => "starlette_routing",
        "starlette.staticfiles" => "starlette_staticfiles",
        "starlette.status" => "starlette_status",
        "starlette.websockets" => "starlette_websockets",
        "pydantic" => "pydantic_init",
        "pydantic.alias_generators" => "pydantic_alias_generators",
        "pydantic.aliases" => "pydantic_aliases",
        "pydantic.dataclasses" => "pydantic_dataclasses",
        "pydantic.env_settings" => "pydantic_settings",
        "pydantic.fields" => "pydantic_fields",
        "pydantic.main" => "pydantic_main",
        "pydantic_settings" => "pydantic_settings",
        "sqlalchemy" => "sqlalchemy_init",
        "sqlalchemy.event" => "sqlalchemy_event",
        "sqlalchemy.schema" => "sqlalchemy_schema",
        "sqlalchemy.types" => "sqlalchemy_types",
        "sqlalchemy.sql" => "sqlalchemy_sql_init",
        "sqlalchemy.sql.elements" => "sqlalchemy_sql_elements",
        "sqlalchemy.sql.expression" => "sqlalchemy_sql_expression",
        "sqlalchemy.sql.functions" => "sqlalchemy_sql_functions",
        "sqlalchemy.sql.schema" => "sqlalchemy_sql_schema",
        "sqlalchemy.sql.sqltypes" => "sqlalchemy_sql_sqltypes",
        "sqlalchemy.sql.type_api" => "sqlalchemy_sql_type_api",
        "sqlalchemy.orm" => "sqlalchemy_orm_init",
        "sqlalchemy.orm.base" => "sqlalchemy_orm_base",
        "sqlalchemy.orm.decl_api" => "sqlalchemy_orm_decl_api",
        "sqlalchemy.orm.interfaces" => "sqlalchemy_orm_interfaces",
        "sqlalchemy.orm.relationships" => "sqlalchemy_orm_relationships",
        "sqlalchemy.ext.associationproxy" => "sqlalchemy_ext_associationproxy",
        "sqlalchemy.ext.asyncio" => "sqlalchemy_ext_asyncio",
        "sqlalchemy.ext.declarative" => "sqlalchemy_ext_declarative",
        "sqlalchemy.ext.hybrid" => "sqlalchemy_ext_hybrid",
        "sqlalchemy.ext.mutable" => "sqlalchemy_ext_mutable",
        "sqlalchemy.dialects.mysql" => "sqlalchemy_dialects_mysql",
        "sqlalchemy.dialects.postgresql" => "sqlalchemy_dialects_postgresql",
        "sqlalchemy.dialects.sqlite" => "sqlalchemy_dialects_sqlite",
        "sqlmodel" => "sqlmodel_init",
        "sqlmodel.main" => "sqlmodel_main",
        "sqlmodel.sql.sqltypes" => "sqlmodel_sql_sqltypes",
        "traitlets" => "traitlets_init",
        "traitlets.config" => "traitlets_config",
    },
    fallbacks: models! {
        "fastapi_users" => "fastapi_users_init",
        "fastapi_users.authentication" => "fastapi_users_authentication",
        "fastapi_users.authentication.authenticator" => "fastapi_users_authenticator",
        "fastapi_users.authentication.backend" => "fastapi_users_backend",
        "fastapi_users.authentication.strategy" => "fastapi_users_strategy",
        "fastapi_users.authentication.strategy.base" => "fastapi_users_strategy_base",
        "fastapi_users.authentication.strategy.db" => "fastapi_users_strategy_db",
        "fastapi_users.authentication.strategy.jwt" => "fastapi_users_strategy_jwt",
        "fastapi_users.authentication.strategy.redis" => "fastapi_users_strategy_redis",
        "fastapi_users.authentication.transport" => "fastapi_users_transport",
        "fastapi_users.authentication.transport.base" => "fastapi_users_transport_base",
        "fastapi_users.authentication.transport.bearer" => "fastapi_users_transport_bearer",
        "fastapi_users.authentication.transport.cookie" => "fastapi_users_transport_cookie",
        "fastapi_users.db" => "fastapi_users_db",
        "fastapi_users.exceptions" => "fastapi_users_exceptions",
        "fastapi_users.fastapi_users" => "fastapi_users_fastapi_users",
        "fastapi_users.manager" => "fastapi_users_manager",
        "fastapi_users.models" => "fastapi_users_models",
        "fastapi_users.router" => "fastapi_users_router",
        "fastapi_users.router.auth" => "fastapi_users_router_auth",
        "fastapi_users.router.common" => "fastapi_users_router_common",
        "fastapi_users.router.oauth" => "fastapi_users_router_oauth",
        "fastapi_users.router.register" => "fastapi_users_router_register",
        "fastapi_users.router.reset" => "fastapi_users_router_reset",
        "fastapi_users.router.users" => "fastapi_users_router_users",
        "fastapi_users.router.verify" => "fastapi_users_router_verify",
        "fastapi_users.schemas" => "fastapi_users_schemas",
        "fastapi_users_db_sqlalchemy" => "fastapi_users_db_sqlalchemy",
        "fastapi_users_db_sqlalchemy.access_token" => "fastapi_users_db_sqlalchemy_access_token",
        "fastapi_users_db_sqlalchemy.generics" => "fastapi_users_db_sqlalchemy_generics",
        "httpx_oauth.integrations.fastapi" => "httpx_oauth_fastapi",
    },
    opaque: &[
        "fastapi",
        "starlette",
        "pydantic",
        "pydantic_core",
        "pydantic_settings",
        "sqlalchemy",
        "sqlmodel",
        "alembic",
        // Its names are those of `typing`.
        "typing_extensions",
        "anyio",
        "httpx",
        "uvicorn",
        "requests",
        "numpy",
        "pandas",
    ],
};

/// How `include_router` treats the routes of the router it is given: `copy` before 0.137, `keep` from then on and
/// where the version is not known. Source: <https://fastapi.tiangolo.com/release-notes/>, 0.137.0.
#[must_use]
pub fn include_semantics(fastapi: Option<&str>) -> &'static str {
    match fastapi.and_then(version) {
        Some((0, minor)) if minor < 137 => "copy",
        _ => "keep",
    }
}

/// Which module the classes of a parametrised generic model belong to: `origin` before Pydantic 2.14.2; from then on,
/// and where the version is not known, `caller`: that of the code that asks for one first, if it does so at the top of
/// a module. Source: `create_generic_submodel` in pydantic/_internal/_generics.py.
#[must_use]
pub fn generic_model_module(pydantic: Option<&str>) -> &'static str {
    let patch = |text: &str| text.split('.').nth(2).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    match pydantic.and_then(|text| Some((version(text)?, patch(text)))) {
        Some(known) if known < ((2, 14), 2) => "origin",
        _ => "caller",
    }
}

/// Major and minor of a version.
#[must_use]
pub fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
