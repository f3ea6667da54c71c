"""Types with schemas of their own."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema, core_schema


class Currency(str):
    """A currency by its code."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", min_length=2, max_length=60)]
Percent = Annotated[int, Field(ge=0, le=100), AfterValidator(lambda value: value)]
Price = Annotated[Decimal, Field(gt=0, description="In units of the currency")]
Blob = Annotated[object, WithJsonSchema({"type": "object", "x-blob": True})]
Seconds = Annotated[timedelta, PlainSerializer(lambda value: value.total_seconds(), return_type=float)]
Trimmed = Annotated[str, BeforeValidator(str.strip)]
