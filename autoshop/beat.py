"""Beat's scheduler: its table is what counts, the settings only fill what is missing.

Rules: staff may change in the admin when a task runs, or that it does not, and a restart
changes nothing of that. A task that the settings name and the table does not is put in;
one that now runs other code gets it, with the schedule that goes with it.
"""

from collections.abc import Mapping
from typing import Any

from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler


class KeepingScheduler(DatabaseScheduler):  # type: ignore[misc]  # it has no types
    """The database scheduler, without its habit of writing the settings over the table."""

    def update_from_dict(self, mapping: Mapping[str, dict[str, Any]]) -> None:
        """Put in what is missing."""
        known = dict(
            PeriodicTask.objects.filter(name__in=list(mapping)).values_list("name", "task")
        )
        fresh = {name: entry for name, entry in mapping.items() if known.get(name) != entry["task"]}
        super().update_from_dict(fresh)
