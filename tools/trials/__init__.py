"""Trials of the whole program: bad disks, power cuts, broken files from elsewhere, a long day.

They are run by `python -m tools.trials`; docs/trials.md has what came of them.
"""
