"""What makes the tests' database quick: how it is emptied, and how it is filled again.

Rules: a test finds what it would find without this module. After a test that committed, all
tables are empty but those that `migrate` fills, as Django's own flush leaves them; who still
writes is waited for. Rows that are put back are those that the shipped code made, once per
process, and their sequences go on behind them.
"""

from collections.abc import Callable, Iterable
from functools import cache

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.test import TransactionTestCase

_BY_MIGRATE = {"django_content_type", "auth_permission"}
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def forget_crashes() -> None:
    """Commits in this database wait for no disk."""
    name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(f"alter database {name} set synchronous_commit = off")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def empty_quickly() -> None:
    """From now on tests that commit are cleared away by deletes: files take far longer to cut."""
    TransactionTestCase._fixture_teardown = _clear  # type: ignore[attr-defined]


def _clear(test: TransactionTestCase) -> None:
    """Empty the tables; by Django's flush where the database's user may not switch triggers off."""
    if test.available_apps is not None or not _may_switch_triggers():
        _flush(test)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_clearing())


@cache
def _may_switch_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


@cache
def _clearing() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in names if name not in _BY_MIGRATE]
    return "; ".join(
        [
            f"lock table {', '.join(tables)} in exclusive mode",
            "set local session_replication_role = replica",  # no foreign keys, nothing append-only
            *(f"delete from {table}" for table in tables),  # noqa: S608 -- Django's own names
        ]
    )


class Kept:
    """Rows as `make` made them at the first call in this process; later calls only copy them."""

    def __init__(self, make: Callable[[], object], models: Iterable[type[Model]]) -> None:
        self._make, self._models = make, tuple(models)
        self._rows: dict[str, bytes] = {}

    def put(self) -> None:
        """Fill the tables, which must be empty."""
        if self._rows:
            self._copy()
            return
        self._make()
        with connection.cursor() as cursor:
            for table in self._tables():
                with cursor.copy(f"copy {table} to stdout") as rows:
                    self._rows[table] = b"".join(bytes(part) for part in rows)

    def _tables(self) -> list[str]:
        return [connection.ops.quote_name(model._meta.db_table) for model in self._models]

    def _copy(self) -> None:
        sequences = connection.ops.sequence_reset_sql(no_style(), list(self._models))
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self._rows.items():
                with cursor.copy(f"copy {table} from stdin") as copy:
                    copy.write(rows)
            cursor.execute("; ".join(sequences))
