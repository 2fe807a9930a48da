"""The voice app."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """See the package's modules for what it does."""

    name = "voice"
    verbose_name = "Voice"
