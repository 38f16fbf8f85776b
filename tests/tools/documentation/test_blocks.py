from __future__ import annotations

import pytest

from tools.documentation.blocks import console_blocks, difference

PAGE = """# A page

```console
$ facedesk people list
Nobody is enrolled yet.

$ facedesk import \\
>     people
1 person
...
```

```python
$ this is no command
```

```console not-run
$ facedesk bench
```

```console if-extra=convert if-extra=torch
$ facedesk models convert x.h5
```
"""


def test_commands_are_read_with_what_they_print() -> None:
    first, second, third = console_blocks(PAGE)
    assert [(c.line, c.text, c.expected) for c in first.commands] == [
        (4, "facedesk people list", ("Nobody is enrolled yet.",)),
        (7, "facedesk import people", ("1 person", "...")),
    ]
    assert [c.tells_its_end for c in first.commands] == [True, False]
    assert (first.is_run, second.is_run, third.is_run) == (True, False, True)
    assert third.extras == ("convert", "torch")


def test_output_may_end_with_a_backslash() -> None:
    (block,) = console_blocks("```console\n$ echo\na \\\nb\n```\n")
    assert [c.expected for c in block.commands] == [("a \\", "b")]


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("text\n```console later\n$ a\n```\n", "line 2: a block is marked 'later'"),
        ("```console\noutput\n$ a\n```\n", "line 2: a block begins with something else"),
    ],
)
def test_a_block_that_is_written_wrong_is_told(page: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        console_blocks(page)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ((), ""),
        (("a", "b"), "a  \nb\n\n"),
        (("...",), ""),
        (("a", "...", "z"), "a\nb\nc\nz"),
        (("a", "...", "z"), "a\nz"),
        (("it took ... s", "(a+b)*"), "it took 1.2 s\n(a+b)*"),
        (("...", "end"), "x\nend"),
    ],
)
def test_ellipses_stand_for_anything(expected: tuple[str, ...], printed: str) -> None:
    assert difference(expected, printed) == ""


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ((), "a"),
        (("a",), ""),
        (("a",), "a\nb"),
        (("a", "b"), "b\na"),
        (("it took ... s",), "it took 1.2 s longer"),
        (("a ... b",), "a \n b"),
        (("...", "end"), "x"),
    ],
)
def test_everything_else_is_a_difference(expected: tuple[str, ...], printed: str) -> None:
    assert difference(expected, printed)


def test_the_difference_is_shown_where_it_is() -> None:
    shown = difference(("took ... s", "3 people"), "took 5 s\n2 people")
    assert shown.splitlines()[3:] == [" took ... s", "-3 people", "+2 people"]
