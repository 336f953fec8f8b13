"""Load beyond what the app takes: how much it accepts, how it sheds the rest, and what it keeps of it (nothing)."""
