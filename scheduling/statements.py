"""SQL on the path that a caller waits for: several statements in one round trip, rows by column.

Rules of this module:
- Statements that are sent together run one after the other, in the caller's transaction: each
  sees what those before it did and what others have committed meanwhile, exactly as if it had
  been sent alone. What must be read under a lock is asked for after it, in the same breath.
- The first error ends the transaction; it is raised as Django's.
- Columns come from the models: a new field is read and written without a change here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]


@dataclass(slots=True)
class Statement:
    """One statement with its values; `rows` are its answer once it was sent."""

    sql: str
    values: Mapping[str, object] | Sequence[object] = ()
    rows: list[Row] = field(default_factory=list)


def send(*statements: Statement) -> None:
    """Send these together and keep each one's answer."""
    with connection.cursor() as cursor:
        cursor.execute(";".join(cursor.mogrify(one.sql, one.values or None) for one in statements))
        for number, one in enumerate(statements):
            if number:
                cursor.nextset()
            one.rows = cursor.fetchall() if cursor.description else []


# ---- rows of a model ------------------------------------------------------------------
def select(model: type[Model], where: str, values: Mapping[str, object]) -> Statement:
    """Every column of the rows that meet a condition; `read` makes them objects."""
    return Statement(f"{_selection(model)} where {where}", values)


def read(model: type[M], found: Statement) -> M | None:
    """The first row of a `select` as an object, None where it found none."""
    if not found.rows:
        return None
    return model.from_db(connection.alias, _names(model), found.rows[0])


def insert(row: Model) -> Statement:
    """Write a new row; its key is the database's choice where it has none yet."""
    return Statement(_insertion(type(row), row.pk is not None), _values(row, row.pk is not None))


def update(row: Model, *names: str) -> Statement:
    """Write these fields of a row that is stored already."""
    model = type(row)
    values = [_stored(row, one) for one in _named(model, names)]
    return Statement(_change(model, names), [*values, row.pk])


def next_key(model: type[Model]) -> Statement:
    """A key that no other row of the model has or will have."""
    table, column = model._meta.db_table, model._meta.pk.column
    return Statement("select nextval(pg_get_serial_sequence(%s, %s))", [table, column])


def stored(row: M) -> M:
    """The object as one that the database holds."""
    row._state.adding, row._state.db = False, connection.alias
    return row


# ---- their SQL, worked out once ---------------------------------------------------------
_QUOTE: Final = connection.ops.quote_name


@cache
def _fields(model: type[Model], keyed: bool) -> tuple["Field[Any, Any]", ...]:
    """The model's columns; without its key where the database chooses it."""
    return tuple(one for one in model._meta.concrete_fields if keyed or not one.primary_key)


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(one.attname for one in _fields(model, True))


@cache
def _selection(model: type[Model]) -> str:
    columns = ", ".join(_QUOTE(one.column) for one in _fields(model, True))
    return f"select {columns} from {_QUOTE(model._meta.db_table)}"  # noqa: S608  names of ours


@cache
def _insertion(model: type[Model], keyed: bool) -> str:
    fields = _fields(model, keyed)
    columns = ", ".join(_QUOTE(one.column) for one in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"insert into {_QUOTE(model._meta.db_table)} ({columns}) values ({places})"  # noqa: S608


@cache
def _named(model: type[Model], names: tuple[str, ...]) -> tuple["Field[Any, Any]", ...]:
    known = {one.name: one for one in _fields(model, True)}
    return tuple(known[name] for name in names)


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> str:
    sets = ", ".join(f"{_QUOTE(one.column)} = %s" for one in _named(model, names))
    key = _QUOTE(model._meta.pk.column)
    return f"update {_QUOTE(model._meta.db_table)} set {sets} where {key} = %s"  # noqa: S608


def _values(row: Model, keyed: bool) -> list[object]:
    return [_stored(row, one) for one in _fields(type(row), keyed)]


def _stored(row: Model, one: "Field[Any, Any]") -> object:
    """A field's value as PostgreSQL takes it."""
    return one.get_db_prep_save(getattr(row, one.attname), connection)
