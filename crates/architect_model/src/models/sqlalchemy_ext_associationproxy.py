"""Attributes of related objects as attributes of one's own. Source: sqlalchemy/ext/associationproxy.py of 2.0."""

from sqlalchemy.sql.elements import ColumnElement


class AssociationProxy(ColumnElement):
    __architect_not_a_field__ = True

    def __init__(self, target_collection, attr, **kwargs):
        self.target_collection = target_collection
        self.value_attr = attr
        self.kwargs = kwargs


def association_proxy(target_collection, attr, **kwargs):
    return AssociationProxy(target_collection, attr, **kwargs)
