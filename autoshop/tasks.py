"""The product's own pulse: beat sends it, a worker runs it, /health looks at both."""

from celery import shared_task

from autoshop import health


@shared_task
def beat_heart() -> None:
    """Write down that a worker lives."""
    health.note_alive("worker")
