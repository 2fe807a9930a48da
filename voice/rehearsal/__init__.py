"""Simulated callers who talk to the agent, and what becomes of it."""
