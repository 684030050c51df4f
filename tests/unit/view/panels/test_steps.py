"""Holds the panel of the steps per second to what it shows."""

from drawn_panels import drawn, looked_at, panel_of

from nbhooks.model.records import Attempt, Checkpoint, Scalar, Source


def test_steps_are_captioned_and_marked() -> None:
    kept, panel = panel_of("steps")
    kept.write(Source("saver", "checkpoints"))
    assert drawn(kept, panel).text == "no rate yet"
    for attempt, step in enumerate((None, 7, None)):
        kept.write(Attempt(float(attempt), step))
    for step, rate in ((100, 10.0), (200, 1234.56), (300, 20.0)):
        kept.write(Scalar("mine", "global_step/sec", step, 0.0, rate))
    for number, state in enumerate(("kept", "deleted", "writing", "failed")):
        kept.write(Checkpoint("saver", f"/logs/model.ckpt-{number}", number, 0.0, state))
    assert drawn(kept, panel).text == "last 20/s · mean 422/s · best 1,235/s"
    assert panel.news(looked_at(kept)[0]) == "422 steps/s on average"
    (plot,) = panel.plots()
    assert plot.y_label == "steps/s"
    assert [(mark.step, mark.text, mark.kind) for mark in plot.marks] == [
        (0, "model.ckpt-0", "checkpoint"),
        (1, "model.ckpt-1", "checkpoint"),
        (7, "a new session begins", "restart"),
    ]
