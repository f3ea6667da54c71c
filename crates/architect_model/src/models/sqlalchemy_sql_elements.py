"""SQL expressions, as far as a mapping looks into them: which columns, how they are joined, how they are marked.

Source: sqlalchemy/sql/elements.py and operators.py of 2.0.
"""


def _operator(name):
    def method(self, *others, **options):
        return Expression(name, (self, *others))

    return method


class ClauseElement:
    def self_group(self, against=None):
        return self

    def ddl_if(self, **options):
        return self


class ColumnElement(ClauseElement):
    __eq__ = _operator("=")
    __ne__ = _operator("!=")
    __lt__ = _operator("<")
    __le__ = _operator("<=")
    __gt__ = _operator(">")
    __ge__ = _operator(">=")
    __add__ = _operator("+")
    __sub__ = _operator("-")
    __mul__ = _operator("*")
    __truediv__ = _operator("/")
    __mod__ = _operator("%")
    __and__ = _operator("AND")
    __or__ = _operator("OR")
    __invert__ = _operator("NOT")
    __neg__ = _operator("-")
    __getitem__ = _operator("[]")
    operate = _operator("operate")
    op = _operator("op")
    desc = _operator("DESC")
    asc = _operator("ASC")
    nulls_first = _operator("NULLS FIRST")
    nullsfirst = _operator("NULLS FIRST")
    nulls_last = _operator("NULLS LAST")
    nullslast = _operator("NULLS LAST")
    is_ = _operator("IS")
    is_not = _operator("IS NOT")
    isnot = _operator("IS NOT")
    is_distinct_from = _operator("IS DISTINCT FROM")
    is_not_distinct_from = _operator("IS NOT DISTINCT FROM")
    in_ = _operator("IN")
    not_in = _operator("NOT IN")
    notin_ = _operator("NOT IN")
    like = _operator("LIKE")
    ilike = _operator("ILIKE")
    not_like = _operator("NOT LIKE")
    not_ilike = _operator("NOT ILIKE")
    contains = _operator("contains")
    startswith = _operator("startswith")
    endswith = _operator("endswith")
    match = _operator("match")
    regexp_match = _operator("regexp_match")
    between = _operator("BETWEEN")
    collate = _operator("COLLATE")
    concat = _operator("||")
    distinct = _operator("DISTINCT")
    label = _operator("label")
    cast = _operator("CAST")
    any_ = _operator("ANY")
    all_ = _operator("ALL")
    over = _operator("OVER")
    filter = _operator("FILTER")
    within_group = _operator("WITHIN GROUP")

    @property
    def astext(self):
        return Expression("->>", (self,))


class Expression(ColumnElement):
    """An operator and what it is applied to."""

    def __init__(self, operator, parts):
        self.operator = operator
        self.parts = parts


class BinaryExpression(ColumnElement):
    pass


class UnaryExpression(ColumnElement):
    pass


class BindParameter(ColumnElement):
    pass


class Label(ColumnElement):
    pass


class SQLColumnExpression(ColumnElement):
    pass


class TextClause(ClauseElement):
    def __init__(self, text):
        self.text = text

    def bindparams(self, *binds, **names):
        return self

    def columns(self, *columns, **types):
        return self


class quoted_name(str):
    pass


def text(text, **options):
    return TextClause(text)


def _function(name):
    def function(*parts, **options):
        return Expression(name, parts)

    return function


and_ = _function("AND")
or_ = _function("OR")
not_ = _function("NOT")
asc = _function("ASC")
desc = _function("DESC")
nulls_first = _function("NULLS FIRST")
nullsfirst = _function("NULLS FIRST")
nulls_last = _function("NULLS LAST")
nullslast = _function("NULLS LAST")
collate = _function("COLLATE")
cast = _function("CAST")
type_coerce = _function("type_coerce")
extract = _function("EXTRACT")
between = _function("BETWEEN")
foreign = _function("foreign")
remote = _function("remote")


def literal_column(text, *options):
    return TextClause(text)


def true():
    return TextClause("true")


def false():
    return TextClause("false")


def null():
    return TextClause("NULL")
