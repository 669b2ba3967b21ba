"""What each module of the network is in C++: the function, its parameters beyond those of the RTL, its arguments.

A function is a template of one type, a struct with the parameters of the module by their names in rtl/lib, InBeats and
OutBeats (of a frame, of the first input and output, where the module has none of its own), and what it derives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hwcomp.targets.dataflow.modules.spec import Bits, Parameter
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.hls.adder_sums import sums_name


@dataclass(frozen=True, slots=True)
class Function:
    """name: in namespace hwc; arguments: of the streams in, the streams out, the arrays; extra: derived parameters."""

    name: str
    arguments: Callable[[Arguments], tuple[str, ...]]
    extra: Callable[[Instance, Network], Mapping[str, int | str]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Names of what an instance is connected to. arrays: by the module's parameter."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    arrays: Mapping[str, str]

    def of(self, *parameters: str) -> tuple[str, ...]:
        return tuple(self.arrays[parameter] for parameter in parameters)


def _streams(a: Arguments) -> tuple[str, ...]:
    return (*a.inputs, *a.outputs)


def _with(*parameters: str) -> Callable[[Arguments], tuple[str, ...]]:
    return lambda a: (*a.inputs, *a.outputs, *a.of(*parameters))


def _outputs_first(a: Arguments) -> tuple[str, ...]:
    return (*a.outputs, *a.inputs)


def _requant(a: Arguments) -> tuple[str, ...]:
    amount = a.arrays.get("AmountFile", "hwc::no_amounts")
    return (*a.outputs, *a.of("MultFile", "OffsetFile"), amount, *a.inputs)


def _nothing(instance: Instance, network: Network) -> Mapping[str, int | str]:
    return {}


def _sets(instance: Instance, network: Network) -> Mapping[str, int | str]:
    """Words of constants, and how many lanes have their own."""
    lanes = instance.number("Lanes")
    return {"Words": instance.memories[0].depth, "Sets": 1 if instance.number("Channels") == 1 else lanes}


def _bursts(instance: Instance, network: Network) -> Mapping[str, int | str]:
    bursts = _unpacked(instance.parameters["Bursts"], instance.number("Inputs"))
    rounds = network.streams[instance.outputs[0]].beats // sum(bursts)
    return {"Bursts": f"hwc::bursts<{', '.join(map(str, bursts))}>", "Rounds": rounds}


def _parts(instance: Instance, network: Network) -> Mapping[str, int | str]:
    return {"Parts": network.streams[instance.inputs[0]].beats // instance.number("InBeats")}


def _unpacked(value: Parameter, fields: int) -> list[int]:
    """The fields of a packed parameter, the first lowest; not negative."""
    assert isinstance(value, Bits) and value.width % fields == 0
    width = value.width // fields
    return [(value.value >> (i * width)) & ((1 << width) - 1) for i in range(fields)]


def _gates(instance: Instance, network: Network) -> Mapping[str, int | str]:
    """Rescales of the four gates, each by its number."""
    names = ("XMults", "XShifts", "HMults", "HShifts")
    rows = {name: ", ".join(map(str, _unpacked(instance.parameters[name], 4))) for name in names}
    return {name: f"hwc::constants<{row}>" for name, row in rows.items()}


def _sums(instance: Instance, network: Network) -> Mapping[str, int | str]:
    """The graph, a struct of its own."""
    return {"Sums": sums_name(instance)}


def _default(name: str) -> Function:
    return Function(name, _streams, _nothing)


FUNCTIONS: dict[str, Function] = {
    "hwc_adders": Function("adders", _streams, _sums),
    "hwc_fork": _default("fork"),
    "hwc_width": _default("width"),
    "hwc_take": _default("take"),
    "hwc_pad": _default("pad"),
    "hwc_window": _default("window"),
    "hwc_pool": _default("pool"),
    "hwc_reduce": _default("reduce"),
    "hwc_argmax": _default("argmax"),
    "hwc_binary": _default("binary"),
    "hwc_matmul": _default("matmul"),
    "hwc_mvu": Function("mvu", _with("WeightFile", "BiasFile"), _nothing),
    "hwc_dwu": Function("dwu", _with("WeightFile", "BiasFile"), _nothing),
    "hwc_clamp": _default("clamp"),
    "hwc_lut": Function("lut", _with("TableFile"), _nothing),
    "hwc_threshold": Function("threshold", _with("ThresholdFile"), _sets),
    "hwc_permute": Function("permute", _with("AddressFile"), _parts),
    "hwc_softmax": Function("softmax", _with("ExpFile", "SumFile"), _nothing),
    "hwc_log_softmax": Function("log_softmax", _with("DiffFile", "SumFile"), _nothing),
    "hwc_lstm": Function("lstm", _with("WeightFile", "BiasFile", "GateFile", "CellFile"), _gates),
    "hwc_requant": Function("requant", _requant, _sets),
    "hwc_concat": Function("concat", _outputs_first, _bursts),
    "hwc_state": _default("state"),
    "hwc_fifo": _default("fifo"),
    "hwc_stream_reg": _default("fifo"),
}
"""Every module that a network may have. States, constants and FIFOs are made of in `processes.py`."""


def parameters_of(instance: Instance, network: Network) -> dict[str, str]:
    """The members of the instance's struct, as texts."""
    members = {name: _text(name, value) for name, value in instance.parameters.items()}
    members |= {name: str(value) for name, value in FUNCTIONS[instance.module].extra(instance, network).items()}
    for name, streams in (("InBeats", instance.inputs), ("OutBeats", instance.outputs)):
        if streams:
            members.setdefault(name, str(network.streams[streams[0]].beats))
    return members


def _text(name: str, value: Parameter) -> str:
    if isinstance(value, Bits):
        signed = value.value - (1 << value.width) if value.value >> (value.width - 1) else value.value
        return f"{signed}LL"
    return f"hwc::{_snake(name)}_{value}" if isinstance(value, str) else str(value)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
