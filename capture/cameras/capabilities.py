"""Asks a V4L2 device node whether it gives pictures."""

from __future__ import annotations

import os
import struct
import sys

_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP, in linux/videodev2.h; its answer is 104 bytes, in which the 32 bits at 84 are
the abilities of the whole device, those at 88 of this node."""

_ANSWER_BYTES = 104
_HAS_OWN = 0x80000000
_CAPTURE = 0x00000001 | 0x00001000
"""V4L2_CAP_DEVICE_CAPS; V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE_MPLANE."""


def can_capture(index: int) -> bool | None:
    """Returns whether /dev/video<index> gives pictures, None where it cannot be asked.

    The question does not wake the camera up.
    """
    if not sys.platform.startswith("linux"):
        return None
    import fcntl

    try:
        node = os.open(f"/dev/video{index}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = bytearray(_ANSWER_BYTES)
        fcntl.ioctl(node, _QUERYCAP, answer)
        return captures(bytes(answer))
    except OSError:
        return None
    finally:
        os.close(node)


def captures(answer: bytes) -> bool:
    """Returns whether the answer to VIDIOC_QUERYCAP is that of a node that gives pictures."""
    of_all, of_this = struct.unpack_from("=II", answer, 84)
    return bool((of_this if of_all & _HAS_OWN else of_all) & _CAPTURE)
