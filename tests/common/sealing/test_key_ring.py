"""Who keeps a home's key, and what happens where it is missing, locked or another one."""

from __future__ import annotations

import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from common.errors import SealingError
from common.sealing import holders as holders_module
from common.sealing import key_ring as key_ring_module
from common.sealing import passphrase as passphrase_module
from common.sealing.holders import FileHolder, KeyringHolder, TpmHolder
from common.sealing.key_file import KEY_FILE
from common.sealing.key_ring import KeyRing, begin_briefly, best_holder
from common.sealing.passphrase import PassphraseHolder, ask_with, nobody_to_ask

FAKE_KEYRING = """
import json, pathlib, sys
what, slot = sys.argv[1:3]
store = pathlib.Path(__file__).with_name("kept.json")
kept = json.loads(store.read_text()) if store.exists() else {}
if what == "set":
    kept[slot] = sys.stdin.read().strip()
elif what == "get":
    sys.stdout.write(kept.get(slot, ""))
else:
    kept.pop(slot, None)
store.write_text(json.dumps(kept))
"""

FAKE_CREDS = """#!{python}
import sys
verb, name = sys.argv[1], next(a for a in sys.argv if a.startswith("--name="))
data, mark = sys.stdin.buffer.read(), name.encode()
if verb == "encrypt":
    sys.stdout.buffer.write(mark + bytes(b ^ 0x5A for b in data))
elif data.startswith(mark):
    sys.stdout.buffer.write(bytes(b ^ 0x5A for b in data[len(mark):]))
else:
    sys.exit(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "nhà"
    home.mkdir()
    return home


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase_module, "COST", 2**4)


def rotated_to(folder: Path, holder: holders_module.KeyHolder) -> KeyRing:
    ring = KeyRing(folder)
    ring.begin_rotation(holder)
    ring.end_rotation()
    return KeyRing(folder)


def test_a_key_is_made_once_and_found_again(folder: Path) -> None:
    key = KeyRing(folder).current()
    assert KeyRing(folder).current() == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert key.secret.hex() not in (folder / KEY_FILE).read_text()


def test_programs_that_start_at_once_agree(folder: Path) -> None:
    rings = [KeyRing(folder) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert len({key.id for key in pool.map(KeyRing.current, rings)}) == 1


def test_the_file_holder_keeps_private_files_outside(folder: Path) -> None:
    KeyRing(folder).current()
    slot = json.loads((folder / KEY_FILE).read_text())["keys"][0]["slot"]
    path = FileHolder().path(slot)
    assert not path.is_relative_to(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_file_is_told(folder: Path) -> None:
    KeyRing(folder).current()
    slot = json.loads((folder / KEY_FILE).read_text())["keys"][0]["slot"]
    path = FileHolder().path(slot)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(SealingError, match=r"not there.*facedesk key restore"):
        KeyRing(folder).current()
    path.write_text("rubbish")
    with pytest.raises(SealingError, match="damaged"):
        KeyRing(folder).current()
    path.write_bytes(b"00" * 32)
    with pytest.raises(SealingError, match="another home's"):
        KeyRing(folder).current()
    path.write_bytes(kept)
    KeyRing(folder).current()


def test_every_changed_byte_of_the_key_file_is_told_or_means_nothing(folder: Path) -> None:
    key = KeyRing(folder).current()
    path = folder / KEY_FILE
    content = path.read_bytes()
    told = 0
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            assert KeyRing(folder).current() == key
        except SealingError:
            told += 1
    assert told > 250
    for length in range(len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(SealingError):
            KeyRing(folder).current()


def test_the_keyring_keeps_it(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "keyring.py"
    script.write_text(FAKE_KEYRING)
    holder = KeyringHolder(script)
    secret, more = holder.make("home-1")
    assert holder.fetch("home-1", more) == secret
    holder.forget("home-1")
    with pytest.raises(SealingError, match="not there"):
        holder.fetch("home-1", more)


@pytest.mark.parametrize(
    "script", ["import sys; print('noise'); sys.exit(1)", "raise SystemError", "while True: pass"]
)
def test_a_keyring_that_fails_or_hangs_is_passed_over(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, capfd
) -> None:
    path = tmp_path / "keyring.py"
    path.write_text(script)
    monkeypatch.setattr(holders_module, "KEYRING_S", 0.3)
    with pytest.raises(SealingError, match="keyring"):
        KeyringHolder(path).make("home-1")
    assert capfd.readouterr() == ("", "")


def test_without_keyring_and_chip_a_file_keeps_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_keyring(self: KeyringHolder, *asked: str) -> str:
        raise SealingError("a keyring", "there is none", "Use another")

    monkeypatch.delenv("FACEDESK_KEY_HOLDER")
    monkeypatch.setattr(KeyringHolder, "_asked", no_keyring)
    monkeypatch.setenv("PATH", str(folder))  # without systemd-creds
    assert best_holder(folder).name == "file"


def test_an_unknown_holder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEDESK_KEY_HOLDER", "pocket")
    with pytest.raises(SealingError, match="pocket"):
        KeyRing(folder).current()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no systemd")
def test_the_chip_keeps_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "systemd-creds"
    fake.write_text(FAKE_CREDS.format(python=sys.executable))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ring = rotated_to(folder, TpmHolder())
    key = ring.current()
    assert key.secret.hex() not in (folder / KEY_FILE).read_text()
    fake.unlink()
    with pytest.raises(SealingError, match="security chip"):
        KeyRing(folder).current()


def test_a_passphrase_keeps_it(folder: Path, cheap: None) -> None:
    asked: list[bool] = []

    def ask(new: bool) -> str:
        asked.append(new)
        return "con mèo trên mái nhà"

    ask_with(ask)
    try:
        key = rotated_to(folder, PassphraseHolder()).current()
        assert asked == [True, False]
        ask_with(lambda new: "con mèo dưới mái nhà")
        with pytest.raises(SealingError, match="another one"):
            KeyRing(folder).current()
        ask_with(nobody_to_ask)
        with pytest.raises(SealingError, match="FACEDESK_PASSPHRASE_FILE"):
            KeyRing(folder).current()
    finally:
        ask_with(nobody_to_ask)
    assert key.secret


def test_a_passphrase_may_stand_in_a_file(
    folder: Path, tmp_path: Path, cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "passphrase"
    monkeypatch.setenv("FACEDESK_PASSPHRASE_FILE", str(named))
    with pytest.raises(SealingError, match="cannot be read"):
        PassphraseHolder().make("home-1")
    named.write_text("short\n")
    with pytest.raises(SealingError, match="at least 12 characters"):
        PassphraseHolder().make("home-1")
    named.write_text("a cat upon the roof\n")
    assert rotated_to(folder, PassphraseHolder()).current().secret


def test_scrypt_costs_what_is_advised() -> None:
    """OWASP: N of 2^17 with r of 8 and p of 1."""
    assert (passphrase_module.COST, passphrase_module.BLOCK, passphrase_module.LANES) == (
        131072, 8, 1
    )  # fmt: skip


def test_a_rotation_that_is_cut_short_goes_on(folder: Path) -> None:
    former = KeyRing(folder).current()
    begun = KeyRing(folder).begin_rotation(FileHolder())
    ring = KeyRing(folder)
    assert ring.current() == begun != former
    assert ring.key(former.id) == former
    assert ring.begin_rotation(FileHolder()) == begun
    ring.end_rotation()
    with pytest.raises(SealingError):
        KeyRing(folder).key(former.id)


def test_a_program_that_runs_follows_a_rotation(folder: Path) -> None:
    running = KeyRing(folder)
    former = running.current()
    fresh = rotated_to(folder, FileHolder()).current()
    assert running.current() == fresh
    assert running.key(former.id) == former  # it may have to finish what it reads


def test_nothing_is_left_of_the_former_key(folder: Path) -> None:
    KeyRing(folder).current()
    slot = json.loads((folder / KEY_FILE).read_text())["keys"][0]["slot"]
    rotated_to(folder, FileHolder())
    assert not FileHolder().path(slot).exists()


def test_homes_for_a_while_leave_nothing_elsewhere(folder: Path) -> None:
    before = set(FileHolder().folder.glob("*"))
    begin_briefly(folder)
    assert KeyRing(folder).current().secret
    assert set(FileHolder().folder.glob("*")) == before


def test_nobody_changes_the_keys_while_another_program_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rotations at once would each forget a key with which the other has sealed."""
    monkeypatch.setattr(key_ring_module, "LOCK_S", 0.05)
    first, second = KeyRing(folder), KeyRing(folder)
    first.current()
    with (
        first.changing(),
        pytest.raises(SealingError, match="another program is changing it"),
        second.changing(),
    ):
        pytest.fail("both change the keys")
    with second.changing():
        pass
    assert stat.S_IMODE((folder / key_ring_module.LOCK_FILE).stat().st_mode) == 0o600
