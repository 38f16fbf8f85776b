"""Kills, power cuts and bad disks while a home changes: exactly what was acknowledged is there."""
