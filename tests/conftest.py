"""Fixtures for every test."""

from tests.azurite import azurite

__all__ = ["azurite"]
