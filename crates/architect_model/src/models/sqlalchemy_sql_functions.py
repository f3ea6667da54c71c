"""SQL functions. Source: sqlalchemy/sql/functions.py of 2.0."""

from sqlalchemy.sql.elements import ColumnElement


class FunctionElement(ColumnElement):
    def __init__(self, *clauses, **options):
        self.parts = clauses


class Function(FunctionElement):
    def __init__(self, name, *clauses, **options):
        self.name = name
        self.parts = clauses


class GenericFunction(FunctionElement):
    pass


class ReturnTypeFromArgs(GenericFunction):
    pass


class AnsiFunction(GenericFunction):
    pass


class coalesce(ReturnTypeFromArgs):
    name = "coalesce"


class _FunctionGenerator:
    def __init__(self, path=""):
        self._path = path

    def __getattr__(self, name):
        return _FunctionGenerator(f"{self._path}.{name}" if self._path else name)

    def __call__(self, *clauses, **options):
        return Function(self._path, *clauses)


func = _FunctionGenerator()
