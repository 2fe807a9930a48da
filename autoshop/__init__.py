"""The project: settings, addresses, start-up. It imports every app; no app imports it."""
