"""Holds the log of a board to its last lines, numbered, and to text that is never markup."""

from __future__ import annotations

import threading

import pytest
from markup import Markup

from nbhooks.view.log import LAST, LINE, LINES, Log


def test_lines_are_numbered_from_the_beginning() -> None:
    log = Log()
    assert (log.since(0), log.version, log.html()) == ((0, []), (0, ""), "")
    log.add("a\nb")
    log.add("")
    assert log.since(0) == (0, ["a", "b", ""])
    assert log.since(2) == (2, [""])
    assert log.since(3) == log.since(99) == (3, [])
    assert log.version == (3, "")


@pytest.mark.parametrize("together", [True, False])
def test_the_last_lines_are_kept_and_all_are_counted(*, together: bool) -> None:
    log = Log()
    lines = [str(number) for number in range(LINES + 5)]
    if together:
        log.add("\n".join(lines))
    else:
        for line in lines:
            log.add(line)
    assert (log.dropped, log.version[0]) == (5, LINES + 5)
    assert log.since(0) == (5, lines[5:])
    assert log.since(LINES) == (LINES, lines[LINES:])


def test_every_change_is_notified() -> None:
    changes = []
    log = Log(live=lambda: True, changed=lambda: changes.append(log.version))
    log.add("a")
    for _ in range(2):
        log.explain("no lines")
    assert changes == [(1, ""), (1, "no lines")]
    assert log.live


def test_long_lines_and_lone_surrogates_can_be_sent() -> None:
    log = Log()
    log.add("x" * (LINE + 1))
    log.add("\ud800")
    first, second = log.since(0)[1]
    assert (len(first), first[-1], second) == (LINE, "…", r"\ud800")


def test_the_picture_has_the_last_lines_as_text() -> None:
    log = Log()
    for number in range(LAST + 3):
        log.add(f"<script>{number}</script>")
    log.explain("<b>why</b>")
    read = Markup(log.html())
    assert not {"script", "b"} & set(read.tags)
    assert "<b>why</b>" in read.text
    assert "after 3 earlier lines" in read.text
    assert "<script>2<" not in read.text
    assert all(f"<script>{number}</script>" in read.text for number in range(3, LAST + 3))


def test_threads_that_add_at_once_lose_no_line() -> None:
    log = Log()
    threads = [
        threading.Thread(target=lambda: [log.add("a\nb") for _ in range(100)], daemon=True) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.version == (800, "")
    assert log.since(0)[1] == ["a", "b"] * 400
