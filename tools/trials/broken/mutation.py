"""Mutates the bytes of a file, as damage does and as somebody who means harm would."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from random import Random

_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Where sizes and counts overflow."""

_HEADER = 200
"""So many bytes at the beginning say how large a picture is, and how it is packed."""

_PNG = b"\x89PNG\r\n\x1a\n"


def mutated(content: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """Return the content with one to eight mutations.

    others: files of which pieces may come into it. Every second PNG has true check sums again,
    without which most of them would be refused at once.
    """
    result = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 8))):
        if result:
            rng.choice(_KINDS)(result, others, rng)
    if bytes(result[:8]) == _PNG and rng.random() < 0.5:
        return with_true_sums(bytes(result))
    return bytes(result)


def with_true_sums(png: bytes) -> bytes:
    """Return a PNG whose chunks have the check sums of what is in them."""
    result, at = bytearray(png), 8
    while at + 12 <= len(result):
        end = at + 8 + int.from_bytes(result[at : at + 4])
        if end + 4 > len(result):
            break
        result[end : end + 4] = zlib.crc32(result[at + 4 : end]).to_bytes(4)
        at = end + 4
    return bytes(result)


def _place(content: bytearray, rng: Random) -> int:
    within = min(_HEADER, len(content)) if rng.random() < 0.5 else len(content)
    return rng.randrange(max(within, 1))


def _flip(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    content[_place(content, rng)] ^= 1 << rng.randrange(8)


def _set(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    content[_place(content, rng)] = rng.randrange(256)


def _number(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    size, at = rng.choice((1, 2, 4, 8)), _place(content, rng)
    value = rng.choice(_NUMBERS) & ((1 << (8 * size)) - 1)
    content[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))


def _cut(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    del content[rng.randrange(len(content)) :]


def _drop(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    at = _place(content, rng)
    del content[at : at + rng.randint(1, 64)]


def _repeat(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    at = _place(content, rng)
    content[at:at] = content[at : at + rng.randint(1, 256)] * rng.randint(1, 20)


def _swap(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    one, other, size = _place(content, rng), _place(content, rng), rng.randint(1, 32)
    piece = content[one : one + size]
    content[one : one + size] = content[other : other + size]
    content[other : other + size] = piece


def _zero(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    at, size = _place(content, rng), rng.randint(1, 512)
    size = min(size, len(content) - at)
    content[at : at + size] = bytes(size)


def _graft(content: bytearray, others: Sequence[bytes], rng: Random) -> None:
    other = rng.choice(others)
    start = rng.randrange(len(other))
    piece, at = other[start : start + rng.randint(1, 400)], _place(content, rng)
    content[at : at + rng.choice((0, len(piece)))] = piece


_KINDS = (_flip, _flip, _set, _number, _number, _cut, _drop, _repeat, _swap, _zero, _graft)
