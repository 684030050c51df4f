"""Makes the runs that 03_replay.ipynb reads: the network of 01_quickstart.ipynb, trained three times.

One run is steady, one is interrupted and goes on from its last checkpoint, one has too high a learning rate.
Needs TensorFlow and scikit-learn; the notebook needs neither. Run it in an empty folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import nbhooks

HERE = Path.cwd()
v1 = tf.compat.v1


def network(trials: tuple[np.ndarray, np.ndarray]) -> dict[str, tf.Tensor]:
    """Build the network in the default graph."""
    v1.set_random_seed(1)
    images = v1.placeholder(tf.float32, [None, 8, 8, 1], name="images")
    labels = v1.placeholder(tf.int64, [None], name="labels")
    learning_rate = v1.placeholder_with_default(0.1, [], name="learning_rate")
    filters_1 = tf.Variable(tf.random.truncated_normal([3, 3, 1, 16], stddev=0.3))
    bias_1 = tf.Variable(tf.zeros([16]))
    filters_2 = tf.Variable(tf.random.truncated_normal([3, 3, 16, 32], stddev=0.1))
    bias_2 = tf.Variable(tf.zeros([32]))
    weights = tf.Variable(tf.random.truncated_normal([4 * 4 * 32, 10], stddev=0.05))
    bias_3 = tf.Variable(tf.zeros([10]))

    def scores_of(pictures: tf.Tensor) -> tf.Tensor:
        seen = tf.nn.leaky_relu(tf.nn.conv2d(pictures, filters_1, strides=1, padding="SAME") + bias_1)
        seen = tf.nn.leaky_relu(tf.nn.conv2d(seen, filters_2, strides=1, padding="SAME") + bias_2)
        seen = tf.nn.max_pool2d(seen, ksize=2, strides=2, padding="VALID")
        return tf.reshape(seen, [-1, 4 * 4 * 32]) @ weights + bias_3

    scores = scores_of(images)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=scores))
    right = tf.equal(tf.argmax(scores_of(tf.constant(trials[0])), axis=1), tf.constant(trials[1]))
    trial_accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
    step = v1.train.get_or_create_global_step()
    train_op = v1.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=step)
    often = v1.summary.merge(
        [v1.summary.scalar("loss", loss), v1.summary.scalar("trial_accuracy", trial_accuracy)]
    )
    tiles = tf.transpose(tf.reshape(filters_1, [3, 3, 4, 4]), [2, 0, 3, 1])  # the filters side by side
    seldom = v1.summary.merge(
        [
            v1.summary.histogram("weights", weights),
            v1.summary.image("filters", tf.reshape(tiles, [1, 12, 12, 1])),
        ]
    )
    return {
        "images": images,
        "labels": labels,
        "learning_rate": learning_rate,
        "loss": loss,
        "train": train_op,
        "often": often,
        "seldom": seldom,
    }


def train(run: str, last_step: int, checkpoints: str, *, learning_rate: float = 0.1, every: int = 20) -> None:
    """Train until a step, going on from a checkpoint where there is one."""
    pixels, digits = load_digits(return_X_y=True)
    pixels = (pixels.reshape(-1, 8, 8, 1) / 16).astype("float32")
    learn, other, learn_digits, other_digits = train_test_split(
        pixels, digits, test_size=600, stratify=digits, random_state=0
    )
    trials = train_test_split(other, other_digits, test_size=300, stratify=other_digits, random_state=0)
    chance = np.random.default_rng(0)
    with tf.Graph().as_default():
        net = network((trials[0], trials[2]))
        writer = v1.summary.FileWriter(str(HERE / run))  # without the graph, which would be most of the file
        hooks = [
            nbhooks.StepCounterHook(every_n_steps=100, summary_writer=writer),
            nbhooks.SummarySaverHook(save_steps=every, summary_writer=writer, summary_op=net["often"]),
            nbhooks.SummarySaverHook(
                save_steps=10 * every, summary_writer=Quiet(writer), summary_op=net["seldom"]
            ),
            nbhooks.CheckpointSaverHook(checkpoints, save_steps=300, saver=v1.train.Saver()),
            nbhooks.NanTensorHook(net["loss"], fail_on_nan_loss=False),
            nbhooks.StopAtStepHook(last_step=last_step),
        ]
        creator = v1.train.ChiefSessionCreator(checkpoint_dir=checkpoints)
        with v1.train.MonitoredSession(session_creator=creator, hooks=hooks) as session:
            while not session.should_stop():
                batch = chance.choice(len(learn), size=64, replace=False)
                feed = {net["images"]: learn[batch], net["labels"]: learn_digits[batch]}
                session.run(net["train"], {**feed, net["learning_rate"]: learning_rate})
        writer.close()


class Quiet:
    """A writer's face that leaves out the session log: another hook of the same run writes it."""

    def __init__(self, writer: v1.summary.FileWriter) -> None:
        """Stand before `writer`."""
        self.add_summary = writer.add_summary
        self.flush = writer.flush

    def add_session_log(self, *_: object) -> None:
        """Leave it out."""


def main() -> None:
    """Train the three runs."""
    with tempfile.TemporaryDirectory() as folder:
        train("steady", 1500, f"{folder}/steady")
        train("resumed", 800, f"{folder}/resumed")
        # What an interrupt leaves: the checkpoint of the last step was never written.
        state = Path(folder, "resumed", "checkpoint")
        state.write_text('model_checkpoint_path: "model.ckpt-600"\n')
        train("resumed", 1500, f"{folder}/resumed")
        train("too_fast", 1500, f"{folder}/too_fast", learning_rate=1.0, every=1)
    for path in HERE.glob("*/events*"):  # without the name of the machine
        number = path.name.split(".")[3]
        path.rename(path.with_name(f"events.out.tfevents.{number}.digits"))


if __name__ == "__main__":
    main()
