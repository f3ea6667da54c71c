"""Markers of parameters. Source: fastapi/params.py; https://fastapi.tiangolo.com/reference/parameters/."""

from pydantic.fields import FieldInfo


class Param(FieldInfo):
    in_ = None

    def __init__(self, default=..., *, default_factory=None, alias=None, validation_alias=None, convert_underscores=True, **options):
        self.default = default
        self.default_factory = default_factory
        self.alias = alias
        self.validation_alias = validation_alias
        self.convert_underscores = convert_underscores
        self.options = options

    def __repr__(self):
        default = "PydanticUndefined" if self.default is ... else self.default
        return f"{type(self).__name__}({default})"


class Path(Param):
    in_ = "path"


class Query(Param):
    in_ = "query"


class Header(Param):
    in_ = "header"


class Cookie(Param):
    in_ = "cookie"


class Body(Param):
    in_ = "body"


class Form(Body):
    in_ = "form"


class File(Form):
    in_ = "file"


class Depends:
    def __init__(self, dependency=None, *, use_cache=True, scope=None, **options):
        self.dependency = dependency
        self.use_cache = use_cache
        self.scope = scope


class Security(Depends):
    def __init__(self, dependency=None, *, scopes=None, use_cache=True, **options):
        self.dependency = dependency
        self.use_cache = use_cache
        self.scope = None
        self.scopes = list(scopes or [])
