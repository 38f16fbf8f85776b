from __future__ import annotations

from desktop.shared.names import isolated, short


def test_a_name_turns_nothing_around_it() -> None:
    assert isolated("محمد") == "\u2068محمد\u2069"
    assert isolated("exe\u202efdp\u2069") == "\u2068exefdp\u2069"
    assert short("علی\u200cرضا") == "\u2068علی\u200cرضا\u2069"
