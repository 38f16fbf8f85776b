"""The portrait that the demo shows. Imports nothing, so that a measurement stays small."""

from __future__ import annotations

from pathlib import Path

PORTRAIT = Path(__file__).with_name("astronaut.webp")
"""Eileen Collins, by NASA, in the public domain; astronaut.txt names the source. 512 x 512 RGB."""
