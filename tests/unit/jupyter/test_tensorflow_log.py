"""Holds TensorFlow's lines to the log of a live page, or in order to the handler, which is left as it was."""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from tensorflow_logger import TensorFlow, imported

from nbhooks.jupyter import tensorflow_log
from nbhooks.jupyter.tensorflow_log import CHANGED, MOST, ROOT_PRINTS, WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Lines:
    """A log whose page a test makes live."""

    def __init__(self, *, live: bool = False) -> None:
        self.live, self.lines, self.notes = live, [], []

    def add(self, text: str) -> None:
        self.lines.append(text)

    def explain(self, note: str) -> None:
        self.notes.append(note)


@pytest.fixture
def tensorflow() -> Iterator[TensorFlow]:
    with imported() as made:
        yield made


def test_lines_are_held_for_a_log_that_begins_later(tensorflow: TensorFlow) -> None:
    lines = Lines(live=True)
    with tensorflow_log.holding(tensorflow.clock):
        tensorflow.info("a", "b")
        diversion = tensorflow.begin(lines)
    assert (lines.lines, tensorflow.printed) == (named("a", "b"), [])
    diversion.leave(lines)


def test_lines_held_for_a_log_that_does_not_begin_are_printed_in_order(tensorflow: TensorFlow) -> None:
    with tensorflow_log.holding(tensorflow.clock):
        tensorflow.info("a", "b")
        assert tensorflow.printed == []
    tensorflow.info("c")
    assert tensorflow.printed == ["a", "b", "c"]


def test_lines_held_for_a_log_wait_on_for_its_page(tensorflow: TensorFlow) -> None:
    lines = Lines()
    with tensorflow_log.holding(tensorflow.clock):
        tensorflow.info("a")
        diversion = tensorflow.begin(lines)
    assert (lines.lines, tensorflow.printed) == ([], [])
    lines.live = True
    diversion.leave(lines)
    assert (lines.lines, tensorflow.printed) == (named("a"), [])


def named(*lines: str) -> list[str]:
    return [f"INFO:tensorflow:{line}" for line in lines]


def test_lines_are_held_until_the_page_is_live_and_go_to_the_log(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a", "b")
    assert (lines.lines, tensorflow.printed) == ([], [])
    lines.live = True
    diversion.settle()
    assert lines.lines == named("a", "b")
    tensorflow.info("c")
    diversion.leave(lines)
    assert (lines.lines, tensorflow.printed) == (named("a", "b", "c"), [])
    tensorflow.info("d")
    assert (lines.lines, tensorflow.printed) == (named("a", "b", "c"), ["d"])


@pytest.mark.parametrize("what", ["a look", "a line"])
def test_without_a_page_in_time_they_are_printed_in_order(tensorflow: TensorFlow, what: str) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a", "b")
    tensorflow.clock.now += WAIT - 0.01
    diversion.settle()
    assert tensorflow.printed == []
    tensorflow.clock.now += 0.01
    if what == "a look":
        diversion.settle()
        assert tensorflow.printed == ["a", "b"]
    tensorflow.info("c")
    assert tensorflow.printed == ["a", "b", "c"]
    lines.live = True  # a page that comes later takes what is logged from then on
    tensorflow.info("d")
    diversion.leave(lines)
    assert (tensorflow.printed, lines.lines) == (["a", "b", "c"], named("d"))


def test_what_is_held_when_the_cell_ends_is_printed(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a", "b")
    diversion.leave(lines)
    diversion.leave(lines)
    tensorflow.info("c")
    assert (tensorflow.printed, lines.lines) == (["a", "b", "c"], [])


def test_warnings_are_printed_at_once_and_logged_in_their_order(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a")
    tensorflow.logger.warning("loud")
    tensorflow.info("b")
    assert tensorflow.printed == ["WARNING:tensorflow:loud"]
    lines.live = True
    diversion.settle()
    tensorflow.logger.error("louder")
    diversion.leave(lines)
    assert tensorflow.printed == ["WARNING:tensorflow:loud", "ERROR:tensorflow:louder"]
    assert lines.lines == [
        "INFO:tensorflow:a",
        "WARNING:tensorflow:loud",
        "INFO:tensorflow:b",
        "ERROR:tensorflow:louder",
    ]


def test_warnings_are_printed_once_where_there_is_no_page(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a")
    tensorflow.logger.warning("loud")
    tensorflow.clock.now += WAIT
    diversion.settle()
    tensorflow.logger.warning("late")
    diversion.leave(lines)
    assert tensorflow.printed == ["WARNING:tensorflow:loud", "a", "WARNING:tensorflow:late"]
    assert lines.lines == ["WARNING:tensorflow:loud", "WARNING:tensorflow:late"]


def test_a_message_is_written_as_it_was_when_it_was_logged(tensorflow: TensorFlow) -> None:
    lines, values = Lines(), {"loss": 1}
    diversion = tensorflow.begin(lines)
    tensorflow.logger.info("values: %s", [values])
    values["loss"] = 2
    diversion.leave(lines)
    assert tensorflow.printed == ["values: [{'loss': 1}]"]


def test_more_than_can_be_held_is_printed(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    messages = [str(number) for number in range(MOST + 2)]
    tensorflow.info(*messages)
    assert tensorflow.printed == messages
    diversion.leave(lines)


def test_several_boards_take_the_same_lines_and_the_last_gives_them_back(tensorflow: TensorFlow) -> None:
    one, other = Lines(), Lines()
    diversion = tensorflow.begin(one)
    assert tensorflow.begin(other) is diversion
    assert tensorflow.begin(other) is diversion
    assert tensorflow.handler.filters == [diversion]
    tensorflow.info("a")
    one.live = True
    tensorflow.info("b")
    diversion.leave(one)
    tensorflow.info("c")
    diversion.leave(other)
    tensorflow.info("d")
    assert one.lines == other.lines == named("a", "b")
    assert tensorflow.printed == ["c", "d"]


def test_handlers_and_filters_of_the_user_are_untouched(tensorflow: TensorFlow) -> None:
    mine, stream = logging.StreamHandler(io.StringIO()), []
    mine.emit = lambda record: stream.append(record.getMessage())
    no_b = lambda record: record.getMessage() != "b"  # noqa: E731 - a filter may be a function
    tensorflow.logger.addHandler(mine)
    tensorflow.handler.addFilter(no_b)
    lines = Lines(live=True)
    diversion = tensorflow.begin(lines)
    tensorflow.info("a", "b")
    diversion.leave(lines)
    assert (lines.lines, stream, tensorflow.printed) == (named("a"), ["a", "b"], [])
    assert tensorflow.handler.filters == [no_b]
    assert tensorflow.logger.handlers == [tensorflow.handler, mine]
    tensorflow.handler.removeFilter(no_b)


def test_where_the_root_logger_prints_nothing_changes(tensorflow: TensorFlow) -> None:
    root, lines = logging.getLogger(), Lines(live=True)
    printing = logging.StreamHandler(tensorflow.stream)
    root.addHandler(printing)
    try:
        diversion = tensorflow.begin(lines)
        tensorflow.info("a")
        assert (lines.lines, lines.notes[0], tensorflow.printed) == ([], ROOT_PRINTS, ["a", "a"])
        diversion.leave(lines)
    finally:
        root.removeHandler(printing)


def test_what_is_held_is_printed_when_the_root_logger_begins_to_print(tensorflow: TensorFlow) -> None:
    root, lines = logging.getLogger(), Lines()
    diversion = tensorflow.begin(lines)
    tensorflow.info("a")
    printing = logging.StreamHandler(tensorflow.stream)
    root.addHandler(printing)
    try:
        tensorflow.info("b")
    finally:
        root.removeHandler(printing)
        diversion.leave(lines)
    assert [line for line in tensorflow.printed if line != "b"] == ["a"]
    assert lines.notes == [ROOT_PRINTS]


@pytest.mark.parametrize("change", ["no handler", "a formatter", "a stream", "a level"])
def test_what_a_user_has_changed_is_left_alone(tensorflow: TensorFlow, change: str) -> None:
    lines, elsewhere = Lines(live=True), io.StringIO()
    if change == "no handler":
        tensorflow.logger.removeHandler(tensorflow.handler)
    elif change == "a formatter":
        tensorflow.handler.setFormatter(logging.Formatter("%(message)s"))
    elif change == "a stream":
        tensorflow.handler.setStream(elsewhere)
    else:
        tensorflow.handler.setLevel(logging.WARNING)
        diversion = tensorflow.begin(lines)
        tensorflow.info("a")
        diversion.leave(lines)
        assert (tensorflow.handler.level, lines.lines) == (logging.WARNING, [])
        return
    assert tensorflow_log.begin(lines, tensorflow.clock) is None
    assert lines.notes == [CHANGED]
    tensorflow.info("a")
    assert lines.lines == []


def test_a_root_handler_alone_is_named_in_the_note(tensorflow: TensorFlow) -> None:
    root, lines = logging.getLogger(), Lines()
    tensorflow.logger.removeHandler(tensorflow.handler)
    printing = logging.StreamHandler(sys.stderr)
    root.addHandler(printing)
    try:
        assert tensorflow_log.begin(lines) is None
    finally:
        root.removeHandler(printing)
    assert lines.notes == [ROOT_PRINTS]


def test_a_root_handler_that_writes_elsewhere_is_not_one_that_prints(tensorflow: TensorFlow) -> None:
    root, lines = logging.getLogger(), Lines(live=True)
    others = [logging.NullHandler(), logging.StreamHandler(io.StringIO())]
    for handler in others:
        root.addHandler(handler)
    try:
        diversion = tensorflow.begin(lines)
        tensorflow.info("a")
        diversion.leave(lines)
    finally:
        for handler in others:
            root.removeHandler(handler)
    assert (lines.lines, lines.notes, tensorflow.printed) == (named("a"), [], [])


class Hostile:
    """Fails when it is written."""

    def __str__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize("live", [True, False])
def test_a_record_that_cannot_be_written_is_left_to_the_handler(
    tensorflow: TensorFlow, capsys: pytest.CaptureFixture[str], *, live: bool
) -> None:
    tensorflow.logger.propagate = False  # to pytest, which raises
    lines = Lines(live=live)
    diversion = tensorflow.begin(lines)
    tensorflow.logger.info("%s", Hostile())
    tensorflow.logger.info("%d", "x")
    diversion.leave(lines)
    assert (lines.lines, tensorflow.printed) == ([], [])
    assert capsys.readouterr().err.count("--- Logging error ---") == 2


def test_a_log_that_fails_does_not_reach_who_logs(tensorflow: TensorFlow) -> None:
    lines = Lines(live=True)
    lines.add = None
    diversion = tensorflow.begin(lines)
    tensorflow.info("a")
    diversion.leave(lines)
    assert tensorflow.printed == ["a"]


def test_an_interrupt_while_lines_are_printed_loses_none_of_the_others(tensorflow: TensorFlow) -> None:
    lines, emit, printed = Lines(), tensorflow.handler.emit, []

    def interrupted(record: logging.LogRecord) -> None:
        printed.append(record)
        if len(printed) == 1:
            raise KeyboardInterrupt
        emit(record)

    diversion = tensorflow.begin(lines)
    tensorflow.info("a", "b", "c")
    tensorflow.clock.now += WAIT
    tensorflow.handler.emit = interrupted
    with pytest.raises(KeyboardInterrupt):
        diversion.settle()
    diversion.leave(lines)
    assert tensorflow.printed == ["b", "c"]


def test_threads_that_log_at_once_lose_no_line(tensorflow: TensorFlow) -> None:
    lines = Lines()
    diversion = tensorflow.begin(lines)
    threads = [
        threading.Thread(target=tensorflow.info, args=[f"{name}{number}" for number in range(50)])
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    lines.live = True
    diversion.settle()
    for thread in threads:
        thread.join()
    diversion.leave(lines)
    assert len(lines.lines) == 200
    for name in "abcd":
        mine = [line for line in lines.lines if f":{name}" in line]
        assert mine == named(*(f"{name}{number}" for number in range(50)))
