from pydantic.fields import Field
from pydantic.main import BaseModel


class SQLModel(BaseModel):
    pass
