"""Load the shop itself: service menu, hours, bays, advisors, articles, public holidays.

Rules of this command: what staff have edited is never written over; a table that holds
rows is left alone unless `--overwrite` is given. Holidays are added year by year as
closures, once each, so the command may run at every start.
"""

import argparse
from collections.abc import Iterator
from datetime import date
from typing import Any

import holidays
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from scheduling.day_sheet import shop_zone
from scheduling.models import Closure, KnowledgeArticle, ServiceOp, ShopSettings

KEPT = (
    "New Year's Day",
    "Memorial Day",
    "Independence Day",
    "Labor Day",
    "Thanksgiving",
    "Christmas Day",
)
"""The holidays on which a service desk is closed; the other federal ones it works."""

FIXTURES = (("shop", ShopSettings), ("menu", ServiceOp), ("knowledge", KnowledgeArticle))


class Command(BaseCommand):
    """See the module."""

    help = "Load service menu, hours, bays, advisors, articles and holidays where there are none."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`--overwrite` puts the shipped values back."""
        parser.add_argument("--overwrite", action="store_true")

    def handle(
        self, *args: Any, overwrite: bool = False, verbosity: int = 1, **options: Any
    ) -> None:
        """Load what is missing."""
        said = [*_load_fixtures(overwrite=overwrite)]
        today = timezone.now().astimezone(shop_zone()).date()
        added = add_holidays(range(today.year - 1, today.year + 2))
        said.append(f"holidays: {added} added")
        if verbosity:
            self.stdout.write("\n".join(said))


def _load_fixtures(*, overwrite: bool) -> Iterator[str]:
    """Load each fixture whose table is empty; yields a line about each."""
    for fixture, model in FIXTURES:
        if overwrite or not model._default_manager.exists():
            call_command("loaddata", fixture, verbosity=0)
            yield f"{fixture}: loaded"
        else:
            yield f"{fixture}: kept as it is"


def add_holidays(years: range) -> int:
    """Close the shop on the kept holidays of these years; returns how many were new."""
    added = 0
    for day, name in shop_holidays(years).items():
        _, new = Closure.objects.get_or_create(
            first_day=day, last_day=day, reason=name, starts=None, ends=None
        )
        added += new
    return added


def shop_holidays(years: range) -> dict[date, str]:
    """The kept holidays and the days on which they are observed."""
    return {
        day: name
        for day, name in sorted(holidays.country_holidays("US", years=list(years)).items())
        if name.startswith(KEPT)
    }
