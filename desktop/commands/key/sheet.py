"""facedesk key export and restore: the words on paper that stand for the key."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desktop.commands.key.rotating import HOLDERS
from desktop.commands.session import Session

IN_A_LINE = 4


@click.command("export")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the sheet to this new file instead of the terminal.",
)
@click.pass_obj
def export_key(session: Session, output: Path | None) -> None:
    """Print the recovery sheet: 24 words that restore the key of this home.

    Whoever has the words can read everything that is sealed. Keep the sheet where the computer is
    not; without it, whoever loses the key has lost the data.
    """
    from common.errors import SealingError
    from common.output_file import output_file
    from common.sealing.data_key import to_words
    from common.sealing.key_ring import ring_of

    ring = ring_of(session.home.folder)
    key, file = ring.current(), ring.file()
    assert file is not None
    sheet = _sheet(to_words(key), key.id.hex(), file.home)
    session.audit.note("recovery sheet printed")
    if output is None:
        click.echo(sheet)
        return
    with output_file(output, SealingError, inputs=session.home.files) as fresh:
        fresh.write_text(sheet + "\n", encoding="utf-8")
    click.echo(f"Written to {output}. Print it, then delete the file.", err=True)


def _sheet(words: str, key: str, home: str) -> str:
    numbered = [f"{n:2} {word:<10}" for n, word in enumerate(words.split(), start=1)]
    lines = [
        "  ".join(numbered[at : at + IN_A_LINE]).rstrip()
        for at in range(0, len(numbered), IN_A_LINE)
    ]
    return "\n".join(
        (
            "Facedesk recovery sheet",
            f"Key {key} of the home {home}",
            "",
            *lines,
            "",
            "These words open everything that Facedesk has sealed there. Keep them where the",
            "computer is not. To restore the key type them after this command:",
            "",
            "    facedesk key restore",
        )
    )


@click.command("restore")
@click.option("--holder", type=click.Choice(HOLDERS), help="Who is to keep the key.")
@click.pass_obj
def restore_key(session: Session, holder: str | None) -> None:
    """Restore the key of this home from the words of its recovery sheet.

    Without a terminal they are read from the input.
    """
    from common.sealing.data_key import from_words
    from common.sealing.key_ring import best_holder, holders, ring_of

    has_terminal = sys.stdin.isatty()
    words = str(click.prompt("The 24 words", err=True)) if has_terminal else sys.stdin.read()
    folder = session.home.folder
    key = from_words("".join(c if c.isalpha() else " " for c in words))
    keeper = holders(folder)[holder] if holder is not None else best_holder(folder)
    ring = ring_of(folder)
    with ring.changing():
        ring.hold(key, keeper)
    session.audit.note(f"key restored, kept by {keeper.name}")
    click.echo(f"The key {key.id.hex()} is restored, and kept by {keeper.what}.")
