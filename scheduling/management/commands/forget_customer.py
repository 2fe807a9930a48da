"""`manage.py forget_customer 4711 --yes`: delete a customer and all that hangs from them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm import privacy
from crm.errors import NotFound


class Command(BaseCommand):
    """Answer a request to be forgotten."""

    help = "Delete one customer, their cars, history, visits, calls and transcripts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and that it is meant."""
        parser.add_argument("customer_id", type=int)
        parser.add_argument("--yes", action="store_true", help="do it; without, only count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, or delete."""
        customer_id = options["customer_id"]
        try:
            if not options["yes"]:
                rows = sum(map(len, privacy.export_customer(customer_id).values()))
                self.stdout.write(f"{rows} rows are kept. Add --yes to delete them.")
                return
            gone = privacy.forget_customer(customer_id=customer_id, now=timezone.now())
        except NotFound as missing:
            raise CommandError("There is no such customer.") from missing
        except privacy.CannotForget as refused:
            raise CommandError("They have a visit ahead. Cancel it first.") from refused
        self.stdout.write(f"{gone} rows deleted. Do-not-call and consent of their numbers stay.")
