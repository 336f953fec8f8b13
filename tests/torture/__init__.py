"""Kills the host again and again while events come in, and counts: nothing may be lost, and nothing invented."""
