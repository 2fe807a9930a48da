"""Bart's Automotive: the project around the apps."""

from autoshop.celery import app as celery_app

__all__ = ["celery_app"]
