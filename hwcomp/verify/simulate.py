"""Simulate an fpga bundle: build its bench with Verilator, play rows, compare every stream with `evaluate`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import items, record, text, whole
from hwcomp.support.manifest import Manifest
from hwcomp.verify.build import cache_folder
from hwcomp.verify.once import make_once
from hwcomp.verify.protocol import IntArray
from hwcomp.verify.verilator import FAST_FLAGS, POWER_UP_FLAGS, PREFIX, build, find_verilator, run

_MARK = "HWC "
_SECONDS = 1800.0
_SETTLE = 10_000
"""Clocks before the first frame: it finds the design idle, as all but the first in its life."""


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

    hold: for how many clocks the output waits after one beat in 16, so that the network fills up to its input; pause:
    for how many clocks the input then has none, so that the network runs dry; seed: of all these, another for another
    pattern.
    """

    idle: int = 0
    stall: int = 0
    hold: int = 0
    pause: int = 0
    seed: int = 0


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
    """Gaps in the input, a hesitant output, and holds and pauses that take about two and one intervals a frame."""
    interval = manifest.extra.get("interval_cycles")
    assert isinstance(interval, int)
    streams = streams_of(manifest)
    taken, given = ([s.beats for _, s in ports_of(manifest, streams, kind)] for kind in ("input", "output"))
    hold = min(32 * interval // max(min(given, default=1), 1), 4 * interval)
    pause = min(16 * interval // max(max(taken, default=1), 1), interval)
    return Stalls(idle=90, stall=120, hold=hold, pause=pause)


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
    """The bench's program; an unchanged design is not built again, nor by two processes at once.

    Raises:
        HwcompError: HWC601 no Verilator; HWC502 it does not compile.
    """
    bench = record(manifest.extra["bench"])
    sources = [bundle / name for name in (*manifest.sources, *(text(name) for name in items(bench["sources"])))]
    top, flags = text(bench["top"]), POWER_UP_FLAGS if manifest.target == "asic" else FAST_FLAGS
    words = [str(find_verilator()), os.environ.get("CXX", ""), top, *flags]
    digest = hashlib.sha256("\0".join(words).encode())
    for source in sources:
        digest.update(hashlib.sha256(source.name.encode() + b"\0" + source.read_bytes()).digest())

    def make(folder: Path) -> None:
        work = folder / "work"
        work.mkdir()
        copies = [work / source.name for source in sources]
        for source, copy in zip(sources, copies, strict=True):
            copy.write_bytes(source.read_bytes())
        build(copies, top, work / "built", options=flags).rename(folder / PREFIX)
        shutil.rmtree(work)

    return make_once(cache_folder() / "verilated" / digest.hexdigest()[:32], make) / PREFIX


def simulate(
    bundle: Path,
    manifest: Manifest,
    rows: Sequence[Mapping[str, IntArray]],
    stalls: Stalls | None = None,
    *,
    compare: bool = True,
    load: Path | None = None,
    power_up: int = 1,
    restart: int = 0,
    timeout_seconds: float = _SECONDS,
) -> Simulation:
    """Play `rows` (each: values by name, the inputs' at least) one after the other without a gap.

    With `compare`, a row has every value, and each stream is compared with its own. A stateful design starts at reset.
    `load` is a `mem/load.hex`, of this bundle or of another of the same shape, that is written before; an asic bundle
    with empty RAMs loads its own. `power_up` chooses the random values that an asic's registers and RAMs begin with.
    At the clock `restart`, if any, the design is reset and the rows are played from the first.

    Raises:
        HwcompError: HWC601 no Verilator; HWC502 it does not compile; HWC503 it does not end.
    """
    program = build_bench(bundle, manifest)
    streams = streams_of(manifest)
    chosen = stalls or Stalls()
    with tempfile.TemporaryDirectory(prefix="hwc-sim-") as holder:
        folder = Path(holder)
        (folder / "outputs").mkdir()
        by_value = dict(ports_of(manifest, streams, "input"))
        for index, stream in enumerate(by_value.values()):
            write_beats(folder / f"in{index}.hex", rows, stream, byte_lanes=True)
        if compare:
            for stream in streams:
                write_beats(folder / f"{stream.name}.hex", rows, stream, byte_lanes=False)
        arguments: dict[str, int | str] = {
            "frames": len(rows),
            "folder": str(folder),
            "outputs": str(folder / "outputs"),
            "idle": chosen.idle,
            "stall": chosen.stall,
            "hold": chosen.hold,
            "pause": chosen.pause,
            "seed": chosen.seed,
            "settle": 0 if restart else _SETTLE,
        }
        image = load or _own_image(bundle, manifest)
        if image is not None:
            arguments["load"] = str(image.resolve())
        if restart:
            arguments["restart"] = restart
        said = run(program, arguments, bundle.resolve(), timeout_seconds, power_up)
        outputs = {
            port: read_beats(folder / "outputs" / f"out{index}.hex", stream, len(rows))
            for index, (port, stream) in enumerate(ports_of(manifest, streams, "output"))
        }
    return parse_messages(said, streams, outputs, str(bundle))


def _own_image(bundle: Path, manifest: Manifest) -> Path | None:
    """What an asic bundle writes into its RAMs; those of an fpga have their contents at power-up."""
    image = bundle / "mem" / "load.hex"
    return image if manifest.target == "asic" and image.is_file() else None


def input_rows(manifest: Manifest, arrays: Mapping[str, IntArray], runs: int) -> list[dict[str, IntArray]]:
    """`arrays` by port, joined along axis 0, as a row for each run, by the names of the values."""
    values = {port: stream.value for port, stream in ports_of(manifest, streams_of(manifest), "input")}
    split = {values[port]: np.asarray(array).reshape(runs, -1) for port, array in arrays.items()}
    return [{name: array[run] for name, array in split.items()} for run in range(runs)]


def ports_of(manifest: Manifest, streams: Sequence[StreamInfo], kind: str) -> list[tuple[str, StreamInfo]]:
    """The ports of a kind, "input" or "output", and the stream of each."""
    by_name = {stream.name: stream for stream in streams}
    ports = [record(item) for item in items(manifest.extra["ports"])]
    return [(text(port["port"]), by_name[text(port["stream"])]) for port in ports if port["kind"] == kind]


def write_beats(path: Path, rows: Sequence[Mapping[str, IntArray]], stream: StreamInfo, *, byte_lanes: bool) -> None:
    """A hexadecimal beat a line."""
    bits = -(-stream.bits // 8) * 8 if byte_lanes else stream.bits
    digits = -(-bits * stream.lanes // 4)
    with path.open("w", encoding="ascii") as file:
        for row in rows:
            beats = np.asarray(row[stream.value], np.int64).reshape(-1, stream.lanes)
            packed = _packed(beats, bits, digits).hex()
            digits_even = digits + digits % 2
            starts = range(digits % 2, len(packed), digits_even)
            file.write("\n".join(packed[i : i + digits] for i in starts) + "\n")


def _packed(beats: IntArray, bits: int, digits: int) -> bytes:
    """Beats [beats, lanes] as big-endian numbers of whole bytes, the first lane lowest."""
    width = -(-digits // 2)
    if bits % 8 == 0 and bits <= 64:
        low = np.ascontiguousarray(beats.astype("<i8")).view(np.uint8).reshape(*beats.shape, 8)[..., : bits // 8]
        return low.reshape(len(beats), -1)[:, ::-1].tobytes()
    single = ((beats[..., None] >> np.arange(bits)) & 1).astype(np.uint8)
    small = np.packbits(single.reshape(len(beats), -1), axis=1, bitorder="little")
    return np.pad(small, ((0, 0), (0, width - small.shape[1])))[:, ::-1].tobytes()


def _unpack(word: int, stream: StreamInfo, bits: int) -> list[int]:
    values: list[int] = []
    for lane in range(stream.lanes):
        value = (word >> (lane * bits)) & ((1 << stream.bits) - 1)
        values.append(value - (1 << stream.bits) if stream.signed and value >> (stream.bits - 1) else value)
    return values


def read_beats(path: Path, stream: StreamInfo, frames: int) -> IntArray:
    """What the bench's sink took, [frames, elements]; shorter where the run stuck, without what came after."""
    size = -(-stream.bits // 8)
    words = path.read_text(encoding="ascii").split() if path.is_file() else []
    raw = np.frombuffer(bytes.fromhex("".join(words)), np.uint8).reshape(-1, stream.lanes, size)[:, ::-1, ::-1]
    values = (raw.astype(np.int64) << (8 * np.arange(size))).sum(axis=2).reshape(-1) & ((1 << stream.bits) - 1)
    if stream.signed:
        values -= (values >> (stream.bits - 1)) << stream.bits
    whole = min(len(values) // max(frames, 1), stream.beats * stream.lanes) * frames
    return np.asarray(values[:whole], np.int64).reshape(frames, -1)


def parse_messages(said: str, streams: Sequence[StreamInfo], outputs: Mapping[str, IntArray], at: str) -> Simulation:
    """What a bench said, with the outputs that it wrote.

    Raises:
        HwcompError: HWC503 it gave no verdict.
    """
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
