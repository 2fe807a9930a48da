"""The calls app."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """See the package's modules for what it does."""

    name = "calls"
    verbose_name = "Calls"
