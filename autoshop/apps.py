"""The project as an app: its commands and checks."""

from django.apps import AppConfig


class AutoshopConfig(AppConfig):
    """Start-up, health and the pages around the product."""

    name = "autoshop"
    verbose_name = "Bart's Automotive"
