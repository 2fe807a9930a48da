"""The scheduling app."""

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """See the package's modules for what it does."""

    name = "scheduling"
    verbose_name = "Schedule"
