"""Polling triggers: where a poll goes on, and how it reads what is new."""
