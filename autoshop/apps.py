"""The project as an app: its commands, checks and tasks."""

from django.apps import AppConfig


class AutoshopConfig(AppConfig):
    """Start-up, health and the pages around the product."""

    name = "autoshop"
    verbose_name = "Bart's Automotive"

    def ready(self) -> None:
        """Make our Celery app the one that `shared_task` finds, in every process."""
        from autoshop.celery import app

        app.set_default()
