"""When tasks run is staff's to say: a restart of beat takes nothing back."""

from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from autoshop.beat import KeepingScheduler
from autoshop.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


def _restart() -> KeepingScheduler:
    """What beat does when it comes up."""
    return KeepingScheduler(app=app)


def _reminders() -> PeriodicTask:
    return PeriodicTask.objects.select_related("crontab").get(name="reminders")


def test_an_empty_table_is_filled_with_nine_oclock_shop_time() -> None:
    _restart()
    assert set(settings.CELERY_BEAT_SCHEDULE) <= set(
        PeriodicTask.objects.values_list("name", flat=True)
    )
    nine = _reminders().crontab
    assert (nine.hour, nine.minute) == ("9", "0")
    assert nine.timezone == ZoneInfo(settings.SHOP_TIMEZONE)


def test_what_staff_changed_outlives_the_next_start() -> None:
    _restart()
    ten, _ = CrontabSchedule.objects.get_or_create(
        hour="10", minute="30", timezone=ZoneInfo(settings.SHOP_TIMEZONE)
    )
    PeriodicTask.objects.filter(name="reminders").update(crontab=ten)
    PeriodicTask.objects.filter(name="follow-ups").update(enabled=False)
    _restart()
    assert _reminders().crontab == ten
    assert not PeriodicTask.objects.get(name="follow-ups").enabled


def test_a_task_that_became_another_is_brought_up_to_date() -> None:
    _restart()
    PeriodicTask.objects.filter(name="reminders").update(task="scheduling.tasks.gone")
    _restart()
    assert _reminders().task == settings.CELERY_BEAT_SCHEDULE["reminders"]["task"]
