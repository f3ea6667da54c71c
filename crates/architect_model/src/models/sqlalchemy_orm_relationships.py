from sqlalchemy.orm.interfaces import Relationship
from sqlalchemy.sql.elements import foreign, remote

RelationshipProperty = Relationship
