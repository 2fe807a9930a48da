"""PostgreSQL and Redis for a server under measurement, made for it and dropped afterwards.

Rules: nobody's data is touched or measured by accident: the database is migrated afresh
beside the configured one, with the shop that is shipped in it; Redis is a Valkey of the
benchmark's own. No step is left to a person.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from autoshop import embedded


@contextmanager
def deployed(name: str) -> Iterator[dict[str, str]]:
    """A database `bench_<name>` and a Valkey; yields the variables that point a server at them."""
    embedded.up()
    from django.db import connection

    from benchmarks import scratch  # reads the settings, which `up` must come before

    folder = Path(tempfile.mkdtemp(prefix=f"autoshop-bench-{name}-"))
    try:
        embedded.start_valkey(folder, folder / "s", keep=False)
        with scratch.shop(name):
            connection.close()
            yield {
                "DATABASE_URL": _url(connection.settings_dict),
                "REDIS_URL": f"unix://{folder / 's'}",
                "DATABASE_POOL": "16",
                "AUTOSHOP_HOME": str(folder),  # clips of a simulated voice are nobody else's
                "MODEL_CACHE": os.environ.get("MODEL_CACHE")
                or str(embedded.places().home / "models"),
            }
    finally:
        embedded.stop_valkey(folder / "s")
        shutil.rmtree(folder, ignore_errors=True)


def _url(database: dict[str, object]) -> str:
    """Django's settings of a database as a URL."""
    user, password = quote(str(database["USER"] or "")), quote(str(database["PASSWORD"] or ""))
    host, port = str(database["HOST"] or ""), str(database["PORT"] or "")
    login = f"{user}:{password}" if password else user
    query = {"host": host} if host.startswith("/") else {}
    place = "" if query else host + (f":{port}" if port else "")
    url = f"postgresql://{login}@{place}/{quote(str(database['NAME']))}"
    return f"{url}?{urlencode(query)}" if query else url
