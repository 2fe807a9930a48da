"""The calls app."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """See the package's modules for what it does."""

    name = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        """Register the checks of the telephone's settings."""
        from calls import checks  # noqa: F401  importing registers
