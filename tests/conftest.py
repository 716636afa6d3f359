"""Test-wide settings."""

from hypothesis import settings

settings.register_profile("lgc", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("lgc")
