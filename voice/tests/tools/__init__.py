"""Tests of voice.tools."""
