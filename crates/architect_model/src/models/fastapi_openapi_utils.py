"""The document a program asks for itself. Source: fastapi/openapi/utils.py; https://fastapi.tiangolo.com/how-to/extending-openapi/."""


def get_openapi(
    *,
    title,
    version,
    openapi_version="3.1.0",
    summary=None,
    description=None,
    routes=None,
    webhooks=None,
    tags=None,
    servers=None,
    terms_of_service=None,
    contact=None,
    license_info=None,
    separate_input_output_schemas=True,
    external_docs=None,
    **options,
):
    info = {"title": title, "version": version}
    for name, value in (
        ("summary", summary),
        ("description", description),
        ("termsOfService", terms_of_service),
        ("contact", contact),
        ("license", license_info),
    ):
        if value:
            info[name] = value
    # Paths and components are those of the routes: the recogniser adds them.
    out = {"openapi": openapi_version, "info": info, "paths": {}, "components": {"schemas": {}}}
    for name, value in (("servers", servers), ("tags", tags), ("externalDocs", external_docs)):
        if value:
            out[name] = value
    return out
