"""What the hparams plugin of TensorBoard writes: hyper-parameters, and the experiment around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tensorboard.plugins.hparams.api_pb2 import DATA_TYPE_BOOL, DATA_TYPE_FLOAT64, DATA_TYPE_STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = "hparams"

_DTYPES = {DATA_TYPE_STRING: "string", DATA_TYPE_BOOL: "bool", DATA_TYPE_FLOAT64: "float64"}


class Described(NamedTuple):
    """A hyper-parameter or a metric, as an experiment describes it.

    Attributes:
        name: of a metric that has a group, ``"group/tag"``. Hostile until escaped.
        kind: ``"hparam"`` or ``"metric"``.
        domain: the values that a hyper-parameter may have, as a list, or the least and the greatest of
            them, as a tuple; None where nothing is written, and of a metric.
        dtype: ``"string"``, ``"bool"`` or ``"float64"``, which a metric always is; empty where nothing is
            written.
    """

    name: str
    kind: str
    domain: list[Any] | tuple[float, float] | None
    dtype: str


def parameters(data: Any) -> dict[str, Any]:
    """Read the hyper-parameters of a run by name; none where a ``HParamsPluginData`` is of another kind."""
    return {name: _plain(value) for name, value in data.session_start_info.hparams.items()}


def described(data: Any) -> Iterator[Described]:
    """Read what an experiment describes; nothing where a ``HParamsPluginData`` is of another kind."""
    for info in data.experiment.hparam_infos:
        yield Described(info.name, "hparam", _domain(info), _DTYPES.get(info.type, ""))
    for info in data.experiment.metric_infos:
        name = f"{info.name.group}/{info.name.tag}" if info.name.group else info.name.tag
        yield Described(name, "metric", None, "float64")


def _domain(info: Any) -> list[Any] | tuple[float, float] | None:
    kind = info.WhichOneof("domain")
    if kind == "domain_interval":
        return info.domain_interval.min_value, info.domain_interval.max_value
    return [_plain(value) for value in info.domain_discrete.values] if kind == "domain_discrete" else None


def _plain(value: Any) -> Any:
    """Make a Python value of a ``google.protobuf.Value``; protobuf bounds how deep it is nested."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "struct_value":
        return {name: _plain(item) for name, item in value.struct_value.fields.items()}
    return None if kind in (None, "null_value") else getattr(value, kind)
