"""The console: how it is served, and its screens in a real browser."""
