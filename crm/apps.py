"""The crm app."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """See the package's modules for what it does."""

    name = "crm"
    verbose_name = "Customers"
