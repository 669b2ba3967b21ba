"""Simulate an fpga bundle: build its bench with Verilator, play rows, compare every stream with `evaluate`."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import items, record, text, whole
from hwcomp.support.manifest import Manifest
from hwcomp.verify.build import cache_folder
from hwcomp.verify.protocol import IntArray
from hwcomp.verify.verilator import FAST_FLAGS, build, run

_MARK = "HWC "
_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream that carries a value: `lanes` elements of `bits` bits a beat, the first lowest."""

    name: str
    value: str
    lanes: int
    bits: int
    signed: bool
    beats: int


@dataclass(frozen=True, slots=True)
class Stalls:
    """Of 256 clocks, about how many have no input beat, and in how many the output waits.

    hold: for how many clocks the output waits after one beat in 16, so that the network fills up to its input.
    """

    idle: int = 0
    stall: int = 0
    hold: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """The first beat that differs in a stream: frame, flat index of the element in it, both values."""

    stream: StreamInfo
    frame: int
    element: int
    expected: int
    got: int
    time: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the bench said.

    verdict: "equal", "different" or "stuck"; latency_cycles: from the first frame's first beat in to its last beat out;
    interval_cycles: between the last beats of the last two frames; differences: the first of each stream, by time;
    outputs: by port, [frames, *shape], where they were asked for.
    """

    verdict: str
    frames: int
    latency_cycles: int
    interval_cycles: int
    cycles: int
    differences: tuple[Difference, ...]
    outputs: Mapping[str, IntArray]


def hard_stalls(manifest: Manifest) -> Stalls:
    """Gaps in the input, a hesitant output, and holds that together take about two intervals a frame."""
    interval = manifest.extra.get("interval_cycles")
    assert isinstance(interval, int)
    outputs = [stream.beats for _, stream in _ports(manifest, streams_of(manifest), "output")]
    return Stalls(idle=90, stall=120, hold=min(32 * interval // max(min(outputs), 1), 4 * interval))


def streams_of(manifest: Manifest) -> tuple[StreamInfo, ...]:
    """The streams of the manifest, in the order of the bench's numbers.

    Raises:
        HwcompError: HWC007 they are missing or damaged.
    """
    try:
        return tuple(_stream(record(item)) for item in items(manifest.extra["streams"]))
    except (KeyError, ValueError) as error:
        fix = "build the bundle again with 'hwcomp build'"
        raise HwcompError("HWC007", "the manifest has no streams", manifest.c_name, fix) from error


def _stream(fields: Mapping[str, object]) -> StreamInfo:
    lanes, bits, beats = (whole(fields[key]) for key in ("lanes", "bits", "beats"))
    return StreamInfo(text(fields["name"]), text(fields["value"]), lanes, bits, bool(fields["signed"]), beats)


def build_bench(bundle: Path, manifest: Manifest) -> Path:
    """The bench's program; an unchanged design is not built again.

    Raises:
        HwcompError: HWC601 no Verilator; HWC502 it does not compile.
    """
    bench = record(manifest.extra["bench"])
    sources = [bundle / name for name in (*manifest.sources, *(text(name) for name in items(bench["sources"])))]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    folder = cache_folder() / f"verilated-{digest.hexdigest()[:16]}"
    program = folder / "Vtop"
    if program.is_file():
        return program
    local = folder / "src"
    local.mkdir(parents=True, exist_ok=True)
    copies: list[Path] = []
    for source in sources:
        copy = local / source.name
        copy.write_bytes(source.read_bytes())
        copies.append(copy)
    return build(copies, text(bench["top"]), folder, options=FAST_FLAGS)


def simulate(
    bundle: Path,
    manifest: Manifest,
    rows: Sequence[Mapping[str, IntArray]],
    stalls: Stalls | None = None,
    *,
    compare: bool = True,
    load: Path | None = None,
    timeout_seconds: float = _SECONDS,
) -> Simulation:
    """Play `rows` (each: values by name, the inputs' at least) one after the other without a gap.

    With `compare`, a row has every value, and each stream is compared with its own. A stateful design starts at reset.
    `load` is a `mem/load.hex`, of this bundle or of another of the same shape, that is written before.

    Raises:
        HwcompError: HWC601 no Verilator; HWC502 it does not compile; HWC503 it does not end.
    """
    program = build_bench(bundle, manifest)
    streams = streams_of(manifest)
    chosen = stalls or Stalls()
    with tempfile.TemporaryDirectory(prefix="hwc-sim-") as holder:
        folder = Path(holder)
        (folder / "outputs").mkdir()
        by_value = dict(_ports(manifest, streams, "input"))
        for index, stream in enumerate(by_value.values()):
            _write(folder / f"in{index}.hex", rows, stream, byte_lanes=True)
        if compare:
            for stream in streams:
                _write(folder / f"{stream.name}.hex", rows, stream, byte_lanes=False)
        arguments: dict[str, int | str] = {
            "frames": len(rows),
            "folder": str(folder),
            "outputs": str(folder / "outputs"),
            "idle": chosen.idle,
            "stall": chosen.stall,
            "hold": chosen.hold,
        }
        if load is not None:
            arguments["load"] = str(load.resolve())
        said = run(program, arguments, bundle.resolve(), timeout_seconds)
        outputs = {
            port: _read(folder / "outputs" / f"out{index}.hex", stream, len(rows))
            for index, (port, stream) in enumerate(_ports(manifest, streams, "output"))
        }
    return _parsed(said, streams, outputs, str(bundle))


def input_rows(manifest: Manifest, arrays: Mapping[str, IntArray], runs: int) -> list[dict[str, IntArray]]:
    """`arrays` by port, joined along axis 0, as a row for each run, by the names of the values."""
    values = {port: stream.value for port, stream in _ports(manifest, streams_of(manifest), "input")}
    split = {values[port]: np.asarray(array).reshape(runs, -1) for port, array in arrays.items()}
    return [{name: array[run] for name, array in split.items()} for run in range(runs)]


def _ports(manifest: Manifest, streams: Sequence[StreamInfo], kind: str) -> list[tuple[str, StreamInfo]]:
    by_name = {stream.name: stream for stream in streams}
    ports = [record(item) for item in items(manifest.extra["ports"])]
    return [(text(port["port"]), by_name[text(port["stream"])]) for port in ports if port["kind"] == kind]


def _write(path: Path, rows: Sequence[Mapping[str, IntArray]], stream: StreamInfo, *, byte_lanes: bool) -> None:
    """A hexadecimal beat a line."""
    bits = -(-stream.bits // 8) * 8 if byte_lanes else stream.bits
    digits = -(-bits * stream.lanes // 4)
    mask = (1 << bits) - 1
    lines: list[str] = []
    for row in rows:
        beats = np.asarray(row[stream.value], np.int64).reshape(-1, stream.lanes)
        if bits in (8, 16, 32):
            raw = np.ascontiguousarray(beats[:, ::-1].astype(f">i{bits // 8}" if stream.signed else f">u{bits // 8}"))
            packed = raw.tobytes().hex()
            lines += [packed[i : i + digits] for i in range(0, len(packed), digits)]
            continue
        for beat in beats.tolist():
            word = 0
            for lane, value in enumerate(beat):
                word |= (value & mask) << (lane * bits)
            lines.append(f"{word:0{digits}x}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def _unpack(word: int, stream: StreamInfo, bits: int) -> list[int]:
    values: list[int] = []
    for lane in range(stream.lanes):
        value = (word >> (lane * bits)) & ((1 << stream.bits) - 1)
        values.append(value - (1 << stream.bits) if stream.signed and value >> (stream.bits - 1) else value)
    return values


def _read(path: Path, stream: StreamInfo, frames: int) -> IntArray:
    """What the bench's sink took, [frames, elements]; shorter where the run stuck."""
    bits = -(-stream.bits // 8) * 8
    words = path.read_text(encoding="ascii").split() if path.is_file() else []
    values = [value for word in words for value in _unpack(int(word, 16), stream, bits)]
    whole = len(values) // max(frames, 1) * frames
    return np.array(values[:whole], np.int64).reshape(frames, -1)


def _parsed(said: str, streams: Sequence[StreamInfo], outputs: Mapping[str, IntArray], at: str) -> Simulation:
    records = [json.loads(line[len(_MARK) :]) for line in said.splitlines() if line.startswith(_MARK)]
    verdict = next((record for record in records if "verdict" in record), None)
    if verdict is None:
        raise HwcompError("HWC503", f"the bench gave no verdict: {said[-500:]}", at, "please report this")
    differences = [_difference(record["mismatch"], streams) for record in records if "mismatch" in record]
    return Simulation(
        str(verdict["verdict"]),
        int(verdict["frames"]),
        int(verdict["latency"]),
        int(verdict["interval"]),
        int(verdict["cycles"]),
        tuple(sorted(differences, key=lambda d: d.time)),
        outputs,
    )


def _difference(record: Mapping[str, object], streams: Sequence[StreamInfo]) -> Difference:
    stream = streams[int(str(record["stream"]))]
    frame, beat = divmod(int(str(record["beat"])), stream.beats)
    expected, got = (
        _unpack(int(str(record[key]).lower().replace("x", "0").replace("z", "0"), 16), stream, stream.bits)
        for key in ("expected", "got")
    )
    lane = next((i for i, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b), 0)
    return Difference(stream, frame, beat * stream.lanes + lane, expected[lane], got[lane], int(str(record["time"])))
