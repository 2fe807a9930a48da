"""Prove that calendar and book agree, or say where they don't.

    python manage.py reconcile_calendar [--repair] [--days 60]

Rules: reads everything, changes nothing without `--repair`. With it, the calendar is put
right from the book (never the other way round), and events of ours that belong to no
visit are removed. Exit code 1 while there are differences.
"""

import argparse
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scheduling import calendar_reconcile
from scheduling.calendar import CalendarError, connected_calendar


class Command(BaseCommand):
    """See the module."""

    help = "Compare the calendar with the book; --repair puts the calendar right."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How far ahead, and whether to repair."""
        parser.add_argument("--repair", action="store_true")
        parser.add_argument("--days", type=int, default=60)

    def handle(self, **options: object) -> None:
        """Compare, print, repair if told to."""
        now = timezone.now()
        until = now + timedelta(days=int(str(options["days"])))
        try:
            calendar = connected_calendar()
            found = calendar_reconcile.compare(calendar, now=now, until=until)
            self.stdout.write(f"{found.agreed} visits agree, {len(found.differences)} do not")
            for difference in found.differences:
                self.stdout.write(f"  {difference.kind}: {difference.event_id}")
            if options["repair"]:
                done = calendar_reconcile.repair(found, calendar, now=now)
                self.stdout.write(f"{done} put right")
                return
        except CalendarError as error:
            raise CommandError(f"The calendar could not be read: {error.code}.") from error
        if found.differences:
            raise CommandError("Calendar and book differ. --repair puts the calendar right.")
