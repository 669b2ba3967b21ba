"""The golden bench of `rtl/lib`: many configurations in one Verilator program, under many stall patterns.

A test makes a `Case` a configuration, with expected beats from numpy or `Op.evaluate`, and calls `check`:

    spec = stream.fifo(width=8, depth=4, beats=16)             # hwcomp/targets/dataflow/modules: a ModuleSpec
    case = Case("fifo_d4", spec, {"in": Stream(8, beats)}, {"out": Stream(8, beats)}, frames=3)
    check([case, ...], tmp_path)

`check` compiles all cases into one program (one build: give it a list), runs it once per pattern of `STALLS`, and
asserts: no beat differs, is missing or too many; a waiting stream holds valid and data; no deadlock; and, without
stalls, that latency and interval are those of the `ModuleSpec`. Beats are integers (`pack` makes them, lane 0 lowest).

A tuple of streams is a packed port (`in_valid_i [N-1:0]`): {"in": (Stream(...), Stream(...))}. A second input is
{"in": ..., "in1": ...}. Other ports are given as text: `connections={"wr_en_i": "1'b0"}`. File parameters are absolute
paths (`hex_file` writes one). To run one pattern: `check(..., stalls=(NONE,))`. Modules that are made for a test are
files of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from hwcomp.targets.dataflow.modules.spec import ModuleSpec
from hwcomp.verify import verilator

HERE = Path(__file__).resolve().parent
LIB = HERE.parent / "lib"
PARTS = (HERE / "hwc_tb_source.sv", HERE / "hwc_tb_sink.sv")
_WATCHDOG_CLOCKS = 4000  # without any beat


@dataclass(frozen=True, slots=True)
class Stalls:
    """idle, stall: chance of a pause of the sources and of the sinks in 1/256; run: clocks a decision holds.

    reset_clock: a second reset in mid-stream, after which all frames are played again; 0 is none.
    """

    name: str
    idle: int = 0
    stall: int = 0
    run: int = 1
    reset_clock: int = 0


NONE = Stalls("none")
STALLS = (
    NONE,
    Stalls("random", 80, 80),
    Stalls("slow_source", 224, 16),
    Stalls("slow_sink", 16, 224),
    Stalls("bursts", 128, 128, 23),
    Stalls("reset", 40, 60, 2, 71),
)


@dataclass(frozen=True, slots=True)
class Stream:
    """All beats of one stream, all frames."""

    width: int
    beats: Sequence[int]


Port = Stream | tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One instance. inputs, outputs: by port prefix ("in", "in1", "out"); a tuple is a packed port."""

    name: str
    spec: ModuleSpec
    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    frames: int
    connections: Mapping[str, str] = field(default_factory=dict)
    is_timed: bool = True


@dataclass(frozen=True, slots=True)
class Trace:
    """Clock of each beat without stalls, by stream name: "in", "in1", "out"; of packed ports "in.0", "in.1"."""

    clocks: Mapping[str, list[int]]


def pack(values: ArrayLike, lanes: int, width: int) -> list[int]:
    """Beats of an integer array in row-major order: `lanes` elements each, lane 0 lowest, two's complement."""
    mask = (1 << width) - 1
    rows = np.asarray(values, dtype=object).reshape(-1, lanes)
    return [sum((int(v) & mask) << (i * width) for i, v in enumerate(row)) for row in rows]


def hex_file(path: Path, words: Iterable[int]) -> Path:
    """A file for `$readmemh`: one word a line."""
    path.write_text("".join(f"{word:x}\n" for word in words), encoding="ascii")
    return path


def check(cases: Sequence[Case], folder: Path, stalls: Sequence[Stalls] = STALLS) -> dict[str, Trace]:
    """Build, run and assert as the head of this file says; the traces without stalls, by case name."""
    assert len({case.name for case in cases}) == len(cases), "two cases have the same name"
    top = folder / "hwc_tb_top.sv"
    top.write_text(_top(cases, folder), encoding="ascii")
    options = (*verilator.BENCH_FLAGS, "-y", str(LIB), "-y", str(folder), "-Wno-lint")
    program = verilator.build([*PARTS, top], "hwc_tb_top", folder / "obj", options=options)
    for seed, pattern in enumerate(stalls, 1):
        plusargs = {"idle": pattern.idle, "stall": pattern.stall, "run": pattern.run, "reset": pattern.reset_clock}
        plusargs["log"] = int(pattern == NONE)
        said = verilator.run(program, plusargs, folder, seed=seed)
        _assert_clean(cases, said, pattern)
    traces = {case.name: _trace(case, folder) for case in cases} if NONE in stalls else {}
    for case in cases:
        if case.is_timed and traces:
            assert_timing(case, traces[case.name])
    return traces


def assert_timing(case: Case, trace: Trace) -> None:
    """The latency of the first frame and the last interval are the formulas' of the `ModuleSpec`."""
    spec = case.spec
    arrivals, gone = (trace.clocks[_streams(ports)[0][0]] for ports in (case.inputs, case.outputs))
    latency = gone[spec.gives] - arrivals[spec.needs]
    assert latency == spec.latency, f"{case.name}: latency is {latency} clocks, ModuleSpec says {spec.latency}"
    if case.frames < 3:
        return
    beats = spec.out_beats[0]
    last = len(gone) - 1
    interval = gone[last] - gone[last - beats]
    assert interval == spec.interval, f"{case.name}: interval is {interval} clocks, ModuleSpec says {spec.interval}"


def _streams(ports: Mapping[str, Port]) -> list[tuple[str, Stream]]:
    flat: list[tuple[str, Stream]] = []
    for prefix, port in ports.items():
        if isinstance(port, Stream):
            flat.append((prefix, port))
        else:
            flat.extend((f"{prefix}.{i}", stream) for i, stream in enumerate(port))
    return flat


def _assert_clean(cases: Sequence[Case], said: str, pattern: Stalls) -> None:
    errors = [line for line in said.splitlines() if "HWC_TB_ERROR" in line]
    counts = {m[1]: (int(m[2]), int(m[3])) for m in re.finditer(r"HWC_TB (\S+) beats=(\d+) errors=(\d+)", said)}
    for case in cases:
        for name, stream in _streams({**case.inputs, **case.outputs}):
            got = counts.get(f"{case.name}.{name}")
            if got != (len(stream.beats), 0):
                expected = f"{len(stream.beats)} beats without an error"
                errors.append(f"{case.name}.{name}: (beats, errors) {got}, expected {expected}")
    assert not errors, f"stall pattern '{pattern.name}':\n" + "\n".join(errors[:20])


def _trace(case: Case, folder: Path) -> Trace:
    names = [name for name, _ in _streams({**case.inputs, **case.outputs})]
    logs = {name: folder / f"{case.name}.{name}.log" for name in names}
    return Trace({name: [int(x) for x in log.read_text(encoding="ascii").split()] for name, log in logs.items()})


def _top(cases: Sequence[Case], folder: Path) -> str:
    """The text of the top: clock, reset, watchdog, and for each case its sources, the instance and its sinks."""
    bits = count()
    bodies = [_instance(case, index, folder, bits) for index, case in enumerate(cases)]
    total = next(bits)
    return f"""// Written by rtl/tb/bench.py.
`timescale 1ns/1ps
module hwc_tb_top;
  logic clk = 1'b0, rst_n = 1'b0;
  int clock = 0, idle, stall, run, again, quiet = 0, tail = 0;
  logic [{total - 1}:0] done, beat;
  always #5 clk = ~clk;
  initial begin
    if (!$value$plusargs("idle=%d", idle)) idle = 0;
    if (!$value$plusargs("stall=%d", stall)) stall = 0;
    if (!$value$plusargs("run=%d", run)) run = 1;
    if (!$value$plusargs("reset=%d", again)) again = 0;
  end
  always @(posedge clk) begin
    clock <= clock + 1;
    rst_n <= clock > 8 && (again == 0 || clock < again || clock > again + 3);
    quiet <= |beat ? 0 : quiet + 1;
    tail  <= &done && rst_n && clock > again + 12 ? tail + 1 : 0;
    if (quiet > {_WATCHDOG_CLOCKS} || tail > 64) $finish;
  end
{"".join(bodies)}endmodule
"""


def _instance(case: Case, index: int, folder: Path, bits: Iterator[int]) -> str:
    text, ports = f"  // {case.name}\n", [".clk_i(clk)", ".rst_ni(rst_n)"]
    for is_input, group in ((True, case.inputs), (False, case.outputs)):
        for prefix, port in group.items():
            members = (port,) if isinstance(port, Stream) else port
            stem, size, width = f"c{index}_{prefix}", len(members), members[0].width
            text += f"  logic [{size - 1}:0] {stem}_v, {stem}_r; logic [{size * width - 1}:0] {stem}_d;\n"
            arrow = ("i", "o") if is_input else ("o", "i")
            ports += [f".{prefix}_valid_{arrow[0]}({stem}_v)", f".{prefix}_ready_{arrow[1]}({stem}_r)"]
            ports += [f".{prefix}_data_{arrow[0]}({stem}_d)"]
            for i, member in enumerate(members):
                name = f"{case.name}.{prefix}" + ("" if isinstance(port, Stream) else f".{i}")
                text += _end(name, stem, i, member, folder, next(bits), is_input=is_input)
    ports += [f".{name}({value})" for name, value in case.connections.items()]
    values = {n: f'"{v}"' if isinstance(v, str) else str(v) for n, v in case.spec.params.items()}
    parameters = ", ".join(f".{name}({value})" for name, value in values.items())
    return text + f"  {case.spec.name} #({parameters})\n    u_c{index} ({', '.join(ports)});\n"


def _end(name: str, stem: str, i: int, stream: Stream, folder: Path, bit: int, *, is_input: bool) -> str:
    """A source or a sink and its file; `bit` is its place in `done` and `beat`."""
    path = hex_file(folder / f"{name}.hex", stream.beats)
    kind, chance, arrow = ("source", "idle", ("o", "i")) if is_input else ("sink", "stall", ("i", "o"))
    return (
        f"  assign beat[{bit}] = {stem}_v[{i}] && {stem}_r[{i}];\n"
        f'  hwc_tb_{kind} #(.Name("{name}"), .File("{path}"), .Width({stream.width}), .Beats({len(stream.beats)}), '
        f".Seed({bit + 1})) u_{stem}_{i} (.clk_i(clk), .rst_ni(rst_n), .clock_i(clock), .{chance}_i({chance}), "
        f".run_i(run), .valid_{arrow[0]}({stem}_v[{i}]), .ready_{arrow[1]}({stem}_r[{i}]), "
        f".data_{arrow[0]}({stem}_d[{i * stream.width}+:{stream.width}]), .done_o(done[{bit}]));\n"
    )
