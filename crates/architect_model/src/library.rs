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
        "collections" => "collections",
        "contextvars" => "contextvars",
        "os" => "os",
        "os.path" => "os_path",
        "pathlib" => "pathlib",
        "pkgutil" => "pkgutil",
        "re" => "re",
        "types" => "types",
        "http" => "http",
        "makefun" => "makefun_init",
        "makefun.main" => "makefun_main",
        "fastapi" => "fastapi_init",
        "fastapi.applications" => "fastapi_applications",
        "fastapi.background" => "fastapi_background",
        "fastapi.datastructures" => "fastapi_datastructures",
        "fastapi.dependencies.utils" => "fastapi_dependencies_utils",
        "fastapi.exceptions" => "fastapi_exceptions",
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
        "pydantic.fields" => "pydantic_fields",
        "pydantic.main" => "pydantic_main",
        "pydantic_settings" => "pydantic_settings",
        "sqlalchemy" => "sqlalchemy_init",
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
