"""x"""

from __future__ import annotations

from models.face import Face, Image


def is_covered(image: Image, face: Face) -> bool:
    """x"""
    return False
