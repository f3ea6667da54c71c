"""Attributes that mean one thing on an instance and another on the class. Source: sqlalchemy/ext/hybrid.py of 2.0."""


class Comparator:
    def __init__(self, expression):
        self.expression = expression

    def __clause_element__(self):
        return self.expression


class hybrid_method:
    def __init__(self, func, expr=None):
        self.func = func
        self.expr = expr

    def __get__(self, instance, owner):
        function = self.func if instance is not None else (self.expr or self.func)
        receiver = instance if instance is not None else owner

        def method(*args, **kwargs):
            return function(receiver, *args, **kwargs)

        return method

    def expression(self, expr):
        self.expr = expr
        return self

    @property
    def inplace(self):
        return _Inplace(self)


class hybrid_property:
    def __init__(self, fget, fset=None, fdel=None, expr=None, custom_comparator=None, update_expr=None):
        self.fget = fget
        self.fset = fset
        self.fdel = fdel
        self.expr = getattr(expr, "__func__", expr)
        self.custom_comparator = custom_comparator
        self.update_expr = update_expr

    def __get__(self, instance, owner):
        if instance is not None:
            return self.fget(instance)
        return (self.expr or self.fget)(owner)

    def _with(self, **changes):
        made = hybrid_property(
            self.fget, self.fset, self.fdel, self.expr, self.custom_comparator, self.update_expr
        )
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def getter(self, fget):
        return self._with(fget=fget)

    def setter(self, fset):
        return self._with(fset=fset)

    def deleter(self, fdel):
        return self._with(fdel=fdel)

    def expression(self, expr):
        return self._with(expr=getattr(expr, "__func__", expr))

    def comparator(self, comparator):
        return self._with(custom_comparator=comparator)

    def update_expression(self, function):
        return self._with(update_expr=function)

    @property
    def overrides(self):
        return self

    @property
    def inplace(self):
        return _Inplace(self)


class _Inplace:
    def __init__(self, attr):
        self.attr = attr

    def getter(self, fget):
        self.attr.fget = fget
        return self.attr

    def setter(self, fset):
        self.attr.fset = fset
        return self.attr

    def deleter(self, fdel):
        self.attr.fdel = fdel
        return self.attr

    def expression(self, expr):
        self.attr.expr = getattr(expr, "__func__", expr)
        return self.attr

    def comparator(self, comparator):
        self.attr.custom_comparator = comparator
        return self.attr

    def update_expression(self, function):
        self.attr.update_expr = function
        return self.attr
