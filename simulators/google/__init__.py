"""A Google Calendar that runs on this machine: see `GoogleSimulator`."""

from simulators.google.book import Calendars
from simulators.google.faults import Faults
from simulators.google.server import GoogleSimulator

__all__ = ["Calendars", "Faults", "GoogleSimulator"]
