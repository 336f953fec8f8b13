"""Polling triggers: where a poll goes on, and how it reads new items."""
