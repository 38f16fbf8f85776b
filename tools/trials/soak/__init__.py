"""A long day of the live window's worker: what it takes of memory and time must not grow."""
