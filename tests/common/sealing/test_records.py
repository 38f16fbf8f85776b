"""A sealed record opens as it was sealed, where it was sealed, and not otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.errors import SealingError
from common.sealing.data_key import DataKey, from_words, to_words
from common.sealing.records import NONCE_BYTES, TAG_BYTES, ChangedRecordError, Sealer

KEY = DataKey(bytes(range(32)))
OTHER = DataKey(bytes(32))


def sealer(*keys: DataKey, kind: int = 1) -> Sealer:
    known = {key.id: AESGCM(key.secret) for key in keys}

    def cipher(key_id: bytes) -> AESGCM:
        if key_id not in known:
            raise SealingError("a key", "there is none", "Find it")
        return known[key_id]

    return Sealer(kind, cipher)


CLEAR = (7, "id", 0.5, None)
SECRET = ["Nguyễn Ánh", b"\x00\xff", None, 3]


def test_a_record_opens_as_it_was_sealed() -> None:
    record = sealer(KEY).seal(KEY.id, "person", CLEAR, SECRET)
    assert sealer(KEY).open(record, "person", CLEAR) == SECRET
    assert "Ánh".encode() not in record


def test_the_format_never_changes() -> None:
    """Files outlive releases. The bytes are as common.sealing.records says."""
    import msgspec

    record = sealer(KEY).seal(KEY.id, "person", (7,), ["Ann"])
    assert record[:9] == b"\x01" + KEY.id
    bound = msgspec.msgpack.encode((1, 1, "person", (7,)))
    packed = AESGCM(KEY.secret).decrypt(record[9:21], record[21:], bound)
    assert packed == b"\x91\xa3Ann"
    assert len(record) == 1 + 8 + NONCE_BYTES + len(packed) + TAG_BYTES


def test_every_changed_byte_shows() -> None:
    record = sealer(KEY, OTHER).seal(KEY.id, "person", CLEAR, SECRET)
    for at in range(len(record)):
        for flip in (1, 0x80):
            changed = bytearray(record)
            changed[at] ^= flip
            with pytest.raises(ChangedRecordError):
                sealer(KEY, OTHER).open(bytes(changed), "person", CLEAR)


def test_every_cut_shows() -> None:
    record = sealer(KEY).seal(KEY.id, "person", CLEAR, SECRET)
    for length in range(len(record)):
        with pytest.raises(ChangedRecordError):
            sealer(KEY).open(record[:length], "person", CLEAR)


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda record: sealer(KEY).open(record, "other", CLEAR),
        lambda record: sealer(KEY).open(record, "person", (8, *CLEAR[1:])),
        lambda record: sealer(KEY).open(record, "person", CLEAR[:-1]),
        lambda record: sealer(KEY).open(record, "person", (7, "di", 0.5, None)),
        lambda record: sealer(KEY, kind=2).open(record, "person", CLEAR),
        lambda record: sealer(OTHER).open(record, "person", CLEAR),
    ],
    ids=["table", "number", "fewer", "id", "file", "key"],
)
def test_a_record_opens_nowhere_else(elsewhere: Callable[[bytes], object]) -> None:
    record = sealer(KEY).seal(KEY.id, "person", CLEAR, SECRET)
    with pytest.raises(ChangedRecordError):
        elsewhere(record)


def test_what_was_opened_before_opens_nothing_else() -> None:
    one = sealer(KEY)
    record = one.seal(KEY.id, "person", CLEAR, SECRET)
    assert one.open(record, "person", CLEAR) == SECRET
    with pytest.raises(ChangedRecordError):
        one.open(record, "person", (8, *CLEAR[1:]))


def test_no_nonce_is_used_twice() -> None:
    one = sealer(KEY)
    nonces = {one.seal(KEY.id, "person", (1,), ["same"])[9:21] for _ in range(2000)}
    assert len(nonces) == 2000


def test_a_key_shows_itself_nowhere() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert KEY.secret[:8] != KEY.id


def test_words_say_the_key() -> None:
    words = to_words(KEY).split()
    assert len(words) == 24
    assert from_words(f"  {' '.join(words).upper()}\n") == KEY


@pytest.mark.parametrize(
    "mistake",
    [
        lambda words: words[:-1],
        lambda words: [*words[1:2], *words[:1], *words[2:]],
        lambda words: ["zebra" if words[0] != "zebra" else "zoo", *words[1:]],
        lambda words: ["facedesk", *words[1:]],
        lambda words: [],
    ],
)
def test_words_with_a_mistake_are_refused(mistake: Callable[[list[str]], list[str]]) -> None:
    key = DataKey(b"\x17" * 32)
    with pytest.raises(SealingError, match="24 words"):
        from_words(" ".join(mistake(to_words(key).split())))
