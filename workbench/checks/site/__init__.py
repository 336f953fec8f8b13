"""Compares a real site with what the connector assumes; reads only."""
