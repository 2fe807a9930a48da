"""A page of what happened: it may be looked at and nothing else."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Something that happened: it may be looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor forgets it here: retention is a job of its own."""
        return False
