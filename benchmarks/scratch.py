"""A database of a benchmark's own, made beside the configured one and dropped afterwards.

Rules: nobody's data is touched or measured by accident; the tables are those of the
migrations; the shop is the one that is shipped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
os.environ.setdefault("DATABASE_POOL", "56")  # fifty callers at once, each with a connection
django.setup()

from django.core.management import call_command  # noqa: E402 - needs the set-up above
from django.db import connection, connections  # noqa: E402


@contextmanager
def shop(name: str) -> Iterator[None]:
    """A fresh database `bench_<name>` with the shipped shop in it."""
    real = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        call_command("loaddata", "shop", "menu", verbosity=0)
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(real, verbosity=0)
