"""`manage.py check_crm`: prove that customers, cars, history and visits hold together."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from scheduling.seeding import checks


class Command(BaseCommand):
    """Ask every rule; exit 1 on any violation."""

    help = "Check that the data is coherent and print counts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Counts, then findings."""
        for title, count in checks.counts().items():
            self.stdout.write(f"{title:<22}{count:>12,}")
        found = ", ".join(f"{status} {count:,}" for status, count in checks.statuses().items())
        self.stdout.write(f"appointments by status: {found or 'none'}\n")
        console = Console()
        broken = []
        with console.status("checking") as status:
            for finding in checks.run(
                settings.SHOP_TIMEZONE, lambda title: status.update(f"checking: {title}")
            ):
                if finding.violations:
                    broken.append(finding)
        self._show(broken)

    def _show(self, broken: list[checks.Finding]) -> None:
        if not broken:
            self.stdout.write(self.style.SUCCESS("Everything holds together."))
            return
        table = Table("rule", "violations", "rows, for example")
        for finding in broken:
            table.add_row(
                finding.title, f"{finding.violations:,}", ", ".join(map(str, finding.ids))
            )
        Console().print(table)
        raise CommandError(f"{len(broken)} rules are broken.", returncode=1)
