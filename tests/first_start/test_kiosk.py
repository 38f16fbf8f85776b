from __future__ import annotations

import json
import signal

from .conftest import NAME, NewUser, eventually


def test_it_prepares_the_models_and_checks_the_portrait_in(enrolled: NewUser) -> None:
    kiosk = enrolled.start("kiosk", "--liveness", "off", "--source", "demo")

    def has_checked_in() -> bool:
        kiosk.check_without_torch()
        return bool(enrolled.checkins(kiosk))

    eventually(has_checked_in, "the portrait is checked in")
    assert "libQt5Gui" in kiosk.libraries(), "the wrong process was looked at"
    kiosk.ends_well(signal.SIGTERM)
    entries = [json.loads(line) for line in enrolled.run("checkins", "list", "--json").splitlines()]
    assert NAME in {entry["name"] for entry in entries}
