"""facedesk gallery history, diff and rollback."""

from __future__ import annotations


def test_a_change_is_listed_and_taken_back(run, seed, open_gallery) -> None:
    anna = seed("Anna", 2)
    assert run("people", "rename", "Anna", "Anne").code == 0
    seed("Bert")
    listed = run("gallery", "history")
    assert [line[24:] for line in listed.out.splitlines()] == [
        "Anna enrolled; pictures: 2.",
        "Anna renamed Anne.",
        "Bert enrolled; pictures: 1.",
    ]
    assert run("gallery", "diff", 1, 2).out == "Anna renamed Anne.\n"
    (looked,) = run("gallery", "rollback", 1, "--dry-run", "--json").json
    assert looked["version"] is None
    done = run("gallery", "rollback", 1)
    assert done.code == 0
    assert done.out.splitlines() == [
        "Anne renamed Anna.",
        "Bert removed.",
        "The gallery is as at version 1; this is version 4.",
    ]
    assert looked["changes"] == ["Anne renamed Anna", "Bert removed"]
    assert [(i.id, i.name) for i in open_gallery().identities] == [(anna.id, "Anna")]
    assert run("gallery", "rollback", 3).code == 0
    assert [one.name for one in open_gallery().identities] == ["Anne", "Bert"]
    *_, last = run("gallery", "history", "--json").json
    assert (last["version"], last["returned_to"]) == (5, 3)


def test_somebody_erased_is_not_brought_back_and_named_nowhere(run, seed) -> None:
    seed("Anna")
    seed("Bert")
    assert run("people", "remove", "Bert").code == 0
    listed = run("gallery", "history")
    assert "Bert" not in listed.out
    assert listed.out.count("erased: cannot be brought back") == 2
    returned = run("gallery", "rollback", 2)
    assert "which nothing brings back: 1." in returned.out
    assert run("people", "list").out.count("Anna") == 1
    assert "Bert" not in run("people", "list").out


def test_bad_versions_are_told_and_change_nothing(run, seed) -> None:
    seed("Anna")
    for wrong in (("rollback", 2), ("diff", 2), ("diff", 0, 2), ("diff", 1, 0)):
        refused = run("gallery", *wrong)
        assert refused.code == 2
        assert "facedesk gallery history" in refused.err
    assert len(run("gallery", "history", "--json").json) == 1
