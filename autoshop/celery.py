"""The Celery app: workers run what beat finds due."""

import logging.config
import os
import warnings
from typing import Any

from celery import Celery
from celery.signals import beat_init, before_task_publish, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")

# In a container the worker is root, and only JSON is accepted from the queue.
warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser")
app = Celery("autoshop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_our_logging(**_: Any) -> None:
    """Celery's processes write the same lines as all others."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect(sender="autoshop.tasks.beat_heart")
def note_beat(**_: Any) -> None:
    """Beat sent the heartbeat: write down that it lives (the worker writes its own)."""
    from autoshop import health

    health.note_alive("beat")


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """Don't wait for the first interval to show that beat and worker live."""
    from autoshop.tasks import beat_heart

    beat_heart.apply_async(expires=30)
