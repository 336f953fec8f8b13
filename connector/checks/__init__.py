"""What `python -m connector check` and `python -m connector diff` run: our own rules, where Microsoft's are closed."""
