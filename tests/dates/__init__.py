"""Runs the tests on other days: `make test-dates`."""
