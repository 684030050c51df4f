"""Holds a summary message to the records that it is read as."""

import math

import numpy as np
import pytest
from markup import HOSTILE
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from nbhooks.model import summaries
from nbhooks.model.record import Record
from nbhooks.model.records import Scalar
from nbhooks.model.values import Audio, Histogram, Image, Tensor, Text
from nbhooks.view import sparks


def records(*values: summary_pb2.Summary.Value) -> list[Record]:
    message = summary_pb2.Summary.FromString(summary_pb2.Summary(value=values).SerializeToString())
    return list(summaries.records(message, "mine", 7, 1.5, tensor_util.make_ndarray))


def value(tag: str = "tag", plugin: str = "", **named: object) -> summary_pb2.Summary.Value:
    made = summary_pb2.Summary.Value(tag=tag, **named)
    if plugin:
        made.metadata.plugin_data.plugin_name = plugin
    return made


@pytest.mark.parametrize("number", [0.25, -3.0, math.inf, -math.inf])
def test_a_scalar_is_read(number: float) -> None:
    assert records(value(HOSTILE[0], simple_value=number)) == [Scalar("mine", HOSTILE[0], 7, 1.5, number)]


def test_a_scalar_that_is_none_is_read() -> None:
    (one,) = records(value(simple_value=math.nan))
    assert isinstance(one, Scalar)
    assert math.isnan(one.value)


def test_the_bins_of_a_histogram_end_where_the_values_do() -> None:
    proto = summary_pb2.HistogramProto(
        min=-2.0, max=5.0, num=10, sum=12.5, bucket_limit=[-1e300, 0.0, 1.0, 4.0, 1.7e308]
    )
    proto.bucket.extend([0, 3, 4, 2, 1])
    (one,) = records(value(histo=proto))
    assert isinstance(one, Histogram)
    assert one.edges.tolist() == [-2.0, -2.0, 0.0, 1.0, 4.0, 5.0]
    assert one.counts.tolist() == [0, 3, 4, 2, 1]
    assert (one.minimum, one.maximum, one.sum, one.num) == (-2.0, 5.0, 12.5, 10.0)
    assert (one.edges.dtype, one.counts.dtype) == (np.float64, np.float64)
    assert (one.source, one.tag, one.step, one.wall_time) == ("mine", "tag", 7, 1.5)


def test_a_histogram_of_one_value_has_one_place() -> None:
    proto = summary_pb2.HistogramProto(min=3.0, max=3.0, num=4, sum=12.0, bucket_limit=[2.9, 3.1, 1e308])
    proto.bucket.extend([0, 4, 0])
    (one,) = records(value(histo=proto))
    assert one.edges.tolist() == [3.0] * 4
    assert one.counts.sum() == 4
    assert sparks.heights(one.edges, one.counts) == ()


@pytest.mark.parametrize(
    "empty",
    [
        summary_pb2.HistogramProto(),
        summary_pb2.HistogramProto(min=1.7e308, max=-1.7e308, num=0, bucket_limit=[1.7e308], bucket=[0]),
    ],
    ids=["nothing", "as TensorFlow writes it"],
)
def test_a_histogram_of_nothing_has_no_bins(empty: summary_pb2.HistogramProto) -> None:
    (one,) = records(value(histo=empty))
    assert (len(one.edges), len(one.counts), one.num) == (1, 0, 0.0)


def test_pictures_and_sounds_stay_encoded() -> None:
    picture, sound = summary_pb2.Summary.Image, summary_pb2.Summary.Audio
    assert records(
        value("a", image=picture(width=640, height=480, colorspace=3, encoded_image_string=b"no PNG")),
        value("b", audio=sound(sample_rate=44100.0, encoded_audio_string=b"no WAV")),
    ) == [
        Image("mine", "a", 7, 1.5, 0, 640, 480, b"no PNG"),
        Audio("mine", "b", 7, 1.5, 0, 44100.0, b"no WAV"),
    ]


def proto(array: object, dtype: type | None = None) -> object:
    return tensor_util.make_tensor_proto(array, dtype)


def test_tensors_are_what_they_hold() -> None:
    scalar, whole, vector, words = records(
        value("a", tensor=proto(2.5), plugin="scalars"),
        value("b", tensor=proto(3, np.int64)),
        value("c", tensor=proto([1.0, 2.0], np.float32)),
        value("d", tensor=proto([b"x", b"y"])),
    )
    assert scalar == Scalar("mine", "a", 7, 1.5, 2.5)
    assert whole == Scalar("mine", "b", 7, 1.5, 3.0)
    assert isinstance(vector, Tensor)
    assert (vector.dtype, vector.shape, vector.value.tolist()) == ("float32", (2,), [1.0, 2.0])
    assert isinstance(words, Tensor)
    assert (words.dtype, words.shape, list(words.value)) == ("string", (2,), [b"x", b"y"])


def test_a_text_is_one_for_each_string() -> None:
    one, *several = records(
        value("a", tensor=proto(b"caf\xc3\xa9 \xff"), plugin="text"),
        value("b", tensor=proto([HOSTILE[0].encode(), b"2"]), plugin="text"),
    )
    assert one == Text("mine", "a", 7, 1.5, 0, "café \ufffd")
    assert [(text.index, text.value) for text in several] == [(0, HOSTILE[0]), (1, "2")]


def test_what_has_no_known_kind_is_left_out() -> None:
    assert records(value("a"), value("b", obsolete_old_style_histogram=b"?"), value("c", simple_value=1)) == [
        Scalar("mine", "c", 7, 1.5, 1.0)
    ]
    assert records() == []
