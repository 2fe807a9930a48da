"""`manage.py apply_retention [--yes]`: delete what has grown old enough."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from scheduling import retention


class Command(BaseCommand):
    """Run daily."""

    help = "Delete transcripts, calls and verification tries that are older than their limit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """That it is meant."""
        parser.add_argument("--yes", action="store_true", help="do it; without, only count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Every rule in turn."""
        word = "deleted" if options["yes"] else "would be deleted"
        for rule, rows in retention.apply(timezone.now(), really=options["yes"]):
            self.stdout.write(f"{rule.title:<24} older than {rule.days:>3} days: {rows:,} {word}")
