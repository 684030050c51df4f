"""A page without a browser: what it knows of the widgets, and the cell that each test begins with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from insides import INSIDES

if TYPE_CHECKING:
    from client import Kernel, Message, Result

# `train` runs until a hook stops it, or until the page clicks `stop`.
PROLOGUE = """
import tempfile, time, warnings, weakref
import numpy as np
import nbhooks

tf1 = tf.compat.v1
tf1.logging.set_verbosity(tf1.logging.ERROR)
stop = ipywidgets.Button()
clicks = []
stop.on_click(clicks.append)
print(stop.comm.comm_id)

class Probe(tf1.train.SessionRunHook):
    def __init__(self, at=None, what=None, stops=False):
        self.at, self.what, self.stops, self.runs = at, what, stops, 0
    def after_run(self, run_context, run_values):
        self.runs += 1
        if self.runs == self.at:
            if self.stops:
                run_context.request_stop()
            else:
                raise self.what

def graph(nan_at=None):
    made = tf.Graph()
    with made.as_default():
        step = tf1.train.get_or_create_global_step()
        weights = tf1.get_variable("weights", [3, 2], initializer=tf1.zeros_initializer())
        with tf.control_dependencies([step.read_value()]):
            loss = 1 / (1 + tf.cast(step.read_value(), tf.float32))
        if nan_at is not None:
            loss = tf.where(tf.equal(step.read_value(), nan_at), tf.constant(np.nan), loss)
        loss = tf.identity(loss, name="loss")
        with tf.control_dependencies([loss]):
            op = tf1.assign_add(step, 1)
    return made, op, loss, weights

def hooks(loss, weights, last=None, folder=None, **options):
    folder = folder or tempfile.mkdtemp()
    made = [
        nbhooks.StepCounterHook(every_n_steps=5, **options),
        nbhooks.LoggingTensorHook({"loss": loss, "weights": weights}, every_n_iter=5, **options),
        nbhooks.NanTensorHook(loss, **options),
        nbhooks.CheckpointSaverHook(folder, save_steps=20, saver=tf1.train.Saver(max_to_keep=2), **options),
    ]
    return made + ([nbhooks.StopAtStepHook(last_step=last, **options)] if last is not None else [])

def train(last=None, also=(), pause=0.0, nan_at=None, **options):
    made, op, loss, weights = graph(nan_at)
    with made.as_default():
        ours = hooks(loss, weights, last, **options)
        with tf1.train.MonitoredSession(hooks=[*ours, *also]) as session:
            while not session.should_stop() and not clicks:
                session.run(op)
                time.sleep(pause)
    return ours
"""


class Page:
    """What a page knows of the widgets: their models and the messages sent to them."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.stop_button = kernel.run(INSIDES + PROLOGUE, timeout=120).stdout.strip()
        self.since = 0

    def forget(self) -> None:
        """Look only at what comes from here on."""
        self.since = len(self.kernel.messages)

    @property
    def comms(self) -> list[Message]:
        return [message for message in self.kernel.messages[self.since :] if message.kind.startswith("comm_")]

    def models(self, name: str) -> list[str]:
        """Give the models whose view or style names the given word, in the order of their making."""
        return [
            message.content["comm_id"]
            for message in self.comms
            if message.kind == "comm_open" and name in json.dumps(message.content["data"].get("state", {}))
        ]

    def chart(self, number: int = 0) -> str:
        return self.kernel.wait_for(lambda: self.models("drag to zoom"))[number]

    def status(self, number: int = 0) -> str:
        return self.kernel.wait_for(lambda: self.models("with a button that stops it"))[number]

    def hello(self) -> None:
        """Do as the page's JavaScript does when the board is there."""
        self.kernel.wait_for(lambda: len(self.models("drag to zoom")) > 1)
        for model in [*self.models("with a button that stops it"), *self.models("drag to zoom")]:
            self.kernel.send_comm(model, {"method": "custom", "content": {"type": "ready"}})

    def received(self, model: str, kind: str) -> list[Message]:
        """Give the custom messages of a kind that were sent to a model."""
        return [
            message
            for message in self.comms
            if message.content["comm_id"] == model
            and message.content["data"].get("content", {}).get("type") == kind
        ]

    def trait(self, model: str, name: str) -> Any:
        """Give the latest value of a trait."""
        values = [
            message.content["data"]["state"][name]
            for message in self.comms
            if message.content["comm_id"] == model and name in message.content["data"].get("state", {})
        ]
        return values[-1] if values else None

    def html(self) -> str:
        """Give the latest value of every HTML widget."""
        opened = [message.content["comm_id"] for message in self.comms if message.kind == "comm_open"]
        return "\n".join(str(self.trait(model, "value")) for model in opened)

    def wait_for_html(self, text: str) -> None:
        self.kernel.wait_for(lambda: text in self.html())

    def click_stop(self) -> None:
        self.kernel.click(self.stop_button)

    def ended(self, code: str) -> Result:
        """Run a cell, however it ends; again where the kernel still aborts what came behind an error."""
        while (result := self.kernel.run(code)).status == "aborted":
            pass
        return result

    def run(self, code: str) -> Result:
        """Run a cell that must not raise."""
        result = self.ended(code)
        assert result.error is None, result.stderr
        return result

    def value(self, expression: str) -> str:
        return self.run(f"print({expression})").stdout.strip()

    def state_is(self, state: str) -> bool:
        """Whether the first board says so."""
        return self.trait(self.status(), "state") == state
