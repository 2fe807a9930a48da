"""The built-in dialogue model: pure code that drives the same tools as any other."""
