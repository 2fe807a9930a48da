"""`manage.py export_customer 4711`: everything we keep about a customer, as JSON."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from crm import privacy
from crm.errors import NotFound


class Command(BaseCommand):
    """Answer a request to see one's data."""

    help = "Write everything kept about one customer to a file or to standard output, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and where to."""
        parser.add_argument("customer_id", type=int)
        parser.add_argument("--to", type=Path, help="a file that only its owner may read")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect and write."""
        try:
            found = privacy.export_customer(options["customer_id"])
        except NotFound as missing:
            raise CommandError("There is no such customer.") from missing
        raw = orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n"
        if options["to"] is None:
            sys.stdout.write(raw.decode())
            return
        # Made unreadable to others before anything personal is in it.
        options["to"].touch(mode=0o600)
        options["to"].write_bytes(raw)
        self.stdout.write(f"{sum(map(len, found.values()))} rows written.")
