"""`manage.py seed_crm`: a shop full of made-up customers, cars, history and visits."""

import datetime as dt
import sys
import time
from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scheduling.seeding import seed as seeding

_WORDS = {
    "not_empty": "There are made-up customers already. Use --wipe to replace them.",
    "not_ours": (
        "There are customers or appointments here that seeding did not make, so it stops. "
        "Use --wipe to replace made-up data and leave the rest as it is."
    ),
    "already_running": "Another seeding is running.",
    "impossible_sizes": "Cars need customers and appointments need cars.",
}


class Command(BaseCommand):
    """Fill an empty shop."""

    help = "Fill the database with made-up customers, vehicles, service history and appointments."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Sizes, seed and day."""
        parser.add_argument("--customers", type=int, default=10_000)
        parser.add_argument("--vehicles", type=int, default=16_000)
        parser.add_argument("--appointments", type=int, default=8_000)
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same data")
        parser.add_argument(
            "--today", type=dt.date.fromisoformat, help="the day that is today (default: today)"
        )
        parser.add_argument("--wipe", action="store_true", help="remove made-up data first")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is data already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Wipe if asked to, then make."""
        if options["if_empty"] and not seeding.is_empty():
            self.stdout.write("There is data already; nothing was seeded.")
            return
        zone = ZoneInfo(settings.SHOP_TIMEZONE)
        plan = seeding.Plan(
            customers=options["customers"],
            vehicles=options["vehicles"],
            appointments=options["appointments"],
            seed=options["seed"],
            today=options["today"] or dt.datetime.now(zone).date(),
        )
        try:
            self._run(plan, wipe=options["wipe"])
        except seeding.SeedRefused as refusal:
            raise CommandError(_WORDS[refusal.code]) from refusal

    def _run(self, plan: seeding.Plan, *, wipe: bool) -> None:
        began = time.perf_counter()
        if wipe:
            gone = seeding.wipe()
            self.stdout.write(f"Removed {gone:,} made-up customers and all that hung from them.")
        with self._progress() as progress:
            tasks = {
                "customers and cars": progress.add_task("customers and cars", total=plan.customers),
                "appointments": progress.add_task("appointments", total=plan.appointments),
            }
            done = seeding.seed(
                plan,
                lambda what, so_far, of: progress.update(tasks[what], completed=so_far, total=of),
                beside_others=wipe,
            )
        took = time.perf_counter() - began
        self.stdout.write(
            f"Made {done.customers:,} customers, {done.vehicles:,} vehicles and "
            f"{done.appointments:,} appointments: {done.rows:,} rows in {took:.1f} s "
            f"({done.rows / took:,.0f} a second), seed {plan.seed}, today {plan.today}."
        )

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("{task.description:<20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=sys.stdout),
            disable=not sys.stdout.isatty(),
        )
