"""A database of its own for rehearsals: made, loaded with the shop, and dropped again."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection


@contextmanager
def rehearsal_database() -> Iterator[str]:
    """Inside, the default connection is an empty shop; its name begins with "test_"."""
    settings = connection.settings_dict
    kept = settings["NAME"], settings.get("TEST", {}).get("NAME")
    settings.setdefault("TEST", {})["NAME"] = f"test_rehearsal_{os.getpid()}"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        call_command("load_shop", stdout=io.StringIO())
        yield name
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        connection.creation.destroy_test_db(str(kept[0]), verbosity=0)
        settings["TEST"]["NAME"] = kept[1]
