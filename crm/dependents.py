"""Everything that hangs from a row, in whichever app it lives.

Rules: this app knows no app above it, so what points at a customer is read from the
model registry, never imported. A reference that may be empty is emptied, every other
row goes with what it belongs to; the order follows the references, so the database's
own constraints stay on throughout.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import SET_NULL, Field, ForeignObjectRel, Model
from psycopg import sql


def referring_fields(model: type[Model]) -> Iterator["Field[Any, Any]"]:
    """Every foreign key of every app that points at `model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
            yield relation.field


def delete_where(model: type[Model], condition: sql.Composable) -> int:
    """Delete the rows of `model` under an SQL condition, and all that hangs from them.

    Answers how many rows of `model` went. Runs in the caller's transaction.
    """
    table = sql.Identifier(model._meta.db_table)
    rows = sql.SQL("select id from {} where {}").format(table, condition)
    for field in referring_fields(model):
        _let_go(field, rows)
    return _execute(sql.SQL("delete from {} where {}").format(table, condition))


def _let_go(field: "Field[Any, Any]", rows: sql.Composable) -> None:
    column = sql.Identifier(str(field.column))
    condition = sql.SQL("{} in ({})").format(column, rows)
    remote = field.remote_field
    if remote is not None and remote.on_delete is SET_NULL:
        table = sql.Identifier(field.model._meta.db_table)
        _execute(sql.SQL("update {} set {} = null where {}").format(table, column, condition))
    else:
        delete_where(field.model, condition)


def _execute(statement: sql.Composable) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)
