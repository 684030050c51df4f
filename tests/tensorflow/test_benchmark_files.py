"""The files that the replay benchmark loads: who wrote them, their layout, and what is found in them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

from nbhooks import replay

if TYPE_CHECKING:
    from types import ModuleType

pytestmark = pytest.mark.tensorflow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def event_files() -> ModuleType:
    """Import the script that writes the files."""
    spec = importlib.util.spec_from_file_location("benchmark_files", BENCHMARKS / "event_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_files"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(event_files: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Write every set that is compared, a thousandth of it; return the folder and the manifests."""
    folder = tmp_path_factory.mktemp("event_files")
    return folder, dict(event_files.write_all(folder, 0.001, event_files.SETS))


def events_of(folder: Path) -> list[Any]:
    [file] = folder.rglob("*tfevents*")
    return list(tf.compat.v1.train.summary_iterator(str(file)))


def values_of(folder: Path) -> list[Any]:
    return [value for event in events_of(folder) for value in event.summary.value]


def layout(message: Any) -> Any:
    """Return which fields of a message are set, in order, without what they hold: what decides its bytes."""
    return [
        (field.name, layout(value) if field.message_type and not _is_repeated(value) else None)
        for field, value in message.ListFields()
    ]


def _is_repeated(value: Any) -> bool:
    return hasattr(value, "add")


def test_each_file_says_that_tensorflow_wrote_it(written: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = written
    files = sorted(folder.rglob("*tfevents*"))
    assert len(files) > 100
    for file in files:
        first = next(tf.compat.v1.train.summary_iterator(str(file)))
        assert first.source_metadata.writer == "tensorflow.core.util.events_writer", file


def test_tensorflow_2_scalars_are_laid_out_as_an_eager_call_writes_them(
    written: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = written
    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        tf.summary.scalar("loss", 0.5, step=1)
    writer.close()
    [eager] = values_of(tmp_path)
    values = values_of(folder / "tf2")
    assert {value.tag for value in values} == {"loss", "accuracy", "learning_rate"}
    assert {str(layout(value)) for value in values} == {str(layout(eager))}
    assert values[-1].metadata.plugin_data.plugin_name == "scalars"
    assert len(values[-1].tensor.tensor_content) == 4


def test_tensorflow_1_scalars_are_laid_out_as_a_graph_writes_them(
    written: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = written
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        summary = session.run(v1.summary.scalar("loss", 0.5))
        writer = v1.summary.FileWriter(str(tmp_path))
        writer.add_summary(summary, 1)
        writer.add_summary(summary, 2)
        writer.close()
    graph = values_of(tmp_path)[-1]  # metadata, where there is some, is written with the first value alone
    for name, an_event in (("one", 1), ("ten", 10)):
        values = values_of(folder / name)
        assert len(values) == 1000
        assert {str(layout(value)) for value in values} == {str(layout(graph))}
        assert {len(event.summary.value) for event in events_of(folder / name)[1:]} == {an_event}


def test_the_keras_set_has_what_its_callback_writes(written: tuple[Path, dict[str, Any]]) -> None:
    folder, manifests = written
    train = values_of(folder / "keras" / "run_000" / "train")
    plugins = {value.metadata.plugin_data.plugin_name for value in train}
    assert {"scalars", "histograms", "images", "graph_keras_model"} <= plugins
    assert {"batch_loss", "epoch_loss"} <= {value.tag for value in train}
    assert all(manifests["keras"].tally.count(kind) for kind in ("scalars", "histograms", "images"))


@pytest.mark.parametrize("name", ["one", "ten", "tf2", "keras", "runs"])
def test_nbhooks_finds_what_a_plain_protobuf_reader_finds(
    name: str, written: tuple[Path, dict[str, Any]]
) -> None:
    folder, manifests = written
    runs = replay.load(folder / name)
    assert runs.problems.empty
    tally = manifests[name].tally
    found = {kind: len(getattr(runs, kind)) for kind in ("scalars", "histograms", "images")}
    assert found == {kind: tally.count(kind) for kind in found}
    for (run, tag), values in runs.scalars.groupby(["run", "tag"], observed=True)["value"]:
        count, total, _ = tally.found[f"scalars\t{run}\t{tag}"]
        assert (len(values), values.sum()) == (count, pytest.approx(total, rel=1e-9))


def loaded(folder: Path, name: str) -> tuple[float, float, str]:
    """Have the benchmark load a set with nbhooks, as it does itself."""
    task = {
        "folder": str(folder / name),
        "manifest": str(folder / f"{name}.json"),
        "kinds": ["scalars", "histograms", "images"],
        "check": True,
    }
    command = [sys.executable, BENCHMARKS / "peers.py", "--work", "nbhooks"]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=True)
    took, peak, difference = json.loads(done.stdout)
    return took, peak, difference


def test_a_loader_that_finds_something_else_is_reported(written: tuple[Path, dict[str, Any]]) -> None:
    folder, manifests = written
    assert loaded(folder, "keras")[2] == ""
    path = folder / "keras.json"
    whole = path.read_text()
    tally = manifests["keras"].tally.found
    changed = json.loads(whole)
    series = "scalars\trun_000/train\tbatch_loss"
    changed["tally"]["found"][series][1] += 1e-3
    path.write_text(json.dumps(changed))
    try:
        difference = loaded(folder, "keras")[2]
    finally:
        path.write_text(whole)
    count = sum(int(row[0]) for row in tally.values())
    assert difference == f"{count:,} of {count:,} values; 1 series differ"


def test_a_set_that_is_there_is_not_written_again(
    event_files: ModuleType, written: tuple[Path, dict[str, Any]]
) -> None:
    folder, manifests = written
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*tfevents*")}
    assert dict(event_files.write_all(folder, 0.001, event_files.SETS)) == manifests
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*tfevents*")} == before
