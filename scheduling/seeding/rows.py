"""Rows on their way into the database: buffered per table, written by COPY.

Rules: a table takes the columns it is given by name, everything else gets the model's own
default, so a new column with a default needs no change here; ids that other rows refer to
come from the table's own sequence in blocks, so that nothing written meanwhile collides;
buffers are written in the order of the references.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import orjson
from django.db import connection, connections, models, transaction
from psycopg import sql

BLOCK: Final = 5_000
"""Ids taken from a sequence at once."""


class Table:
    """A buffer for one model. Rows are tuples in the order of `columns`."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = {field.column: field for field in model._meta.concrete_fields}
        left = [
            field
            for column, field in fields.items()
            if column not in columns and not isinstance(field, models.AutoField)
        ]
        self.model = model
        self.rows: list[tuple[object, ...]] = []
        self._defaults = tuple(_default(field) for field in left)
        names = [*columns, *(str(field.column) for field in left)]
        self._copy = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        unknown = set(columns) - set(fields)
        if unknown:
            raise ValueError(f"{model._meta.db_table} has no columns {sorted(unknown)}")

    def take(self) -> list[tuple[object, ...]]:
        """The buffered rows; the buffer is empty afterwards."""
        taken, self.rows = self.rows, []
        return taken

    def write(self, rows: list[tuple[object, ...]]) -> int:
        """Bring rows into the database; answers how many that were."""
        if rows:
            with connection.cursor() as cursor, cursor.copy(self._copy) as copy:
                for row in rows:
                    copy.write_row(row + self._defaults)
        return len(rows)


Batch = list[tuple[Table, list[tuple[object, ...]]]]


def write_batch(batch: Batch) -> int:
    """Write tables in their order, in one transaction; answers how many rows that were."""
    with transaction.atomic():
        return sum(table.write(rows) for table, rows in batch)


class Writer:
    """Writes one batch while the next is being made, on a connection of its own.

    Inside a transaction of the caller's nothing else could see the rows, so there it
    writes at once.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._at_once = connection.in_atomic_block
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seeding")
        self._under_way: Future[int] | None = None

    def write(self, batch: Batch) -> None:
        """Take a batch on as soon as the one before is written. Raises what that one raised."""
        self.wait()
        if self._at_once:
            self.rows += write_batch(batch)
        else:
            self._under_way = self._thread.submit(write_batch, batch)

    def wait(self) -> None:
        """Until everything is written."""
        if self._under_way is not None:
            self.rows += self._under_way.result()
            self._under_way = None

    def close(self) -> None:
        """End the thread and its connection."""
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()


def _default(field: "models.Field[Any, Any]") -> object:
    value = field.get_default()
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return value


def ids(model: type[models.Model]) -> Iterator[int]:
    """Ids for new rows of `model`, without end; from 1 again where the table is empty."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        sequence = cursor.fetchone()[0]
        if not model._default_manager.exists():
            cursor.execute("select setval(%s::regclass, 1, false)", [sequence])
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select nextval(%s::regclass) from generate_series(1, %s)", [sequence, BLOCK]
            )
            block = [row[0] for row in cursor.fetchall()]
        yield from block


def span(start: str, end: str) -> str:
    """A half-open range as COPY takes it; times as ISO text."""
    return f"[{start},{end})"
