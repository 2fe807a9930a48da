"""How long a full shop takes to make, and at what rate.

Rules: it works in the database of `DATABASE_URL` and replaces the made-up data there, so it
asks for `--yes` unless there is none; rows are counted as they reach PostgreSQL; the
processor time of this process stands beside the clock, because on a busy machine only that
can be compared. Any size works: `--customers 1000000 --vehicles 1600000 --appointments
800000` is what the promise about scale is measured with.
"""

import argparse
import os
import resource
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import django

from benchmarks.report import Figure, table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
django.setup()

from django.conf import settings  # noqa: E402 - needs the set-up above

from scheduling.seeding import checks, seed  # noqa: E402

LIMIT_S = 10.0
FULL = (10_000, 16_000, 8_000)


def main() -> int:
    """Seed, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--customers", type=int, default=FULL[0])
    parser.add_argument("--vehicles", type=int, default=FULL[1])
    parser.add_argument("--appointments", type=int, default=FULL[2])
    parser.add_argument("--yes", action="store_true", help="replace made-up data that is there")
    parser.add_argument("--check", action="store_true", help="prove afterwards that it is coherent")
    arguments = parser.parse_args()
    sizes = (arguments.customers, arguments.vehicles, arguments.appointments)
    if arguments.quick:
        sizes = (sizes[0] // 10, sizes[1] // 10, sizes[2] // 10)
    if not seed.is_empty() and not arguments.yes:
        sys.stdout.write("There is data here; --yes replaces what seeding made.\n")
        return 0
    seed.wipe()
    today = datetime.now(ZoneInfo(settings.SHOP_TIMEZONE)).date()
    plan = seed.Plan(*sizes, seed=1, today=today)
    began, began_cpu = time.perf_counter(), time.process_time()
    done = seed.seed(plan, beside_others=True)
    took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    limit = LIMIT_S if sizes == FULL else None
    rows = [
        Figure("seconds", took, "s", limit),
        Figure("seconds of this process's processor time", cpu, "s"),
        Figure("rows", done.rows, "rows"),
        Figure("rows a second", done.rows / took, "rows/s"),
        Figure("memory, at most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB"),
    ]
    if arguments.check:
        broken = sum(bool(one.violations) for one in checks.run(settings.SHOP_TIMEZONE))
        rows.append(Figure("rules broken", broken, "rules", 0))
    title = f"Seeding {sizes[0]:,} customers, {sizes[1]:,} vehicles, {sizes[2]:,} appointments"
    return 0 if table(title, rows, "seeding" if sizes == FULL else "seeding_at_scale") else 1


if __name__ == "__main__":
    sys.exit(main())
