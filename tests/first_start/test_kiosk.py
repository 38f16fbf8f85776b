from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing

from .conftest import NAME, NewUser, eventually


def test_it_prepares_the_models_and_checks_the_portrait_in(enrolled: NewUser) -> None:
    kiosk = enrolled.start("kiosk", "--source", "demo")
    ledger = enrolled.data / "checkins.db"

    def has_checked_in() -> bool:
        kiosk.check()
        assert "torch" not in kiosk.libraries()
        if not ledger.exists():
            return False
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master")]
            return "entry" in tables and bool(
                db.execute("SELECT count(*) FROM entry WHERE kind = 'check-in'").fetchone()[0]
            )

    eventually(has_checked_in, "the portrait is checked in")
    assert "libQt5Gui" in kiosk.libraries(), "the wrong process was looked at"
    kiosk.ends_well(signal.SIGTERM)
    entries = [json.loads(line) for line in enrolled.run("checkins", "list", "--json").splitlines()]
    assert NAME in {entry["name"] for entry in entries}
