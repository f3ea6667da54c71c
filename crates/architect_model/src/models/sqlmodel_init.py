from sqlmodel.main import Field, Relationship, SQLModel
from sqlmodel.sql.sqltypes import AutoString
