"""The jet tagger, 16-64-32-32-5, as adder graphs, one result a clock: built, compared bit for bit, synthesised.

    python -m bench.adders_jet MODEL.onnx [--stages 4 4 4 4] [--rows 1000] [--keep FOLDER] [--no-synth]
                               [--ecp5 [--place SEEDS]]

MODEL is QKeras' 3-layer jet tagger of the QONNX model zoo: weights, biases and activations of 6 bits. The input has
8 bits, 5 of them fractional; activations are rounded half up and saturate; the softmax is left out: outputs are sums.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from bench.fpga_yosys import ECP5, XCUP, count, synthesise
from hwcomp.adders import solve, verilog
from hwcomp.adders.codes import encode
from hwcomp.adders.cost import CostModel
from hwcomp.adders.graph import AdderGraph
from hwcomp.adders.schedule import levels_of, schedule
from hwcomp.verify.synthesis import place

Ints = NDArray[np.int64]
INPUT_BITS, INPUT_FRACTION = 8, 5
WEIGHT_FRACTION = 5
ACTIVATION_BITS = ACTIVATION_FRACTION = 6
# Measured with the same net and the same Yosys command.
PEERS = ("da4ml 0.6, 15 stages: 26,046 LUT, 15,231 FF", "alkaid 0.8.2, ternary: 27,074 LUT, 15,995 FF")


@dataclass(frozen=True, slots=True)
class Layer:
    """acc = w x + constant, its rounding in it; then clamp(acc >> shift, 0, 63), but for the last (shift 0)."""

    w: Ints
    constant: Ints
    span: tuple[int, int]
    shift: int


def read_layers(model: Path) -> list[Layer]:
    """Layers in order; weights in the file are [inputs, outputs], followed by their bias."""
    stored = {
        item.name: numpy_helper.to_array(item) for item in onnx.load_from_string(model.read_bytes()).graph.initializer
    }
    layers: list[Layer] = []
    for position, number in enumerate((6, 4, 2, 0)):
        w, bias = (_quantised(stored[f"Quant_{index}_param0"]) for index in (number, number + 1))
        fraction = ACTIVATION_FRACTION if position else INPUT_FRACTION
        shift = 0 if number == 0 else fraction + WEIGHT_FRACTION - ACTIVATION_FRACTION
        half = 1 << shift - 1 if shift else 0
        edge = 1 << INPUT_BITS - 1
        span = (0, (1 << ACTIVATION_BITS) - 1) if position else (-edge, edge - 1)
        layers.append(Layer(w.T.copy(), (bias << fraction) + half, span, shift))
    return layers


def _quantised(values: NDArray[np.float32]) -> Ints:
    """Quant of 6 bits, signed, half to even."""
    return np.clip(np.round(values.astype(np.float64) * (1 << WEIGHT_FRACTION)), -32, 31).astype(np.int64)


def expected(layers: Sequence[Layer], x: Ints) -> Ints:
    """Outputs [rows, 5] of x [rows, 16]."""
    for layer in layers:
        x = x @ layer.w.T + layer.constant
        if layer.shift:
            x = np.clip(x >> layer.shift, 0, (1 << ACTIVATION_BITS) - 1)
    return x


def design(layers: Sequence[Layer], graphs: Sequence[AdderGraph], stages: Sequence[int]) -> str:
    """SystemVerilog: a module for each layer, and `jet`, where activations are in front of the next layer's adders."""
    texts: list[str] = []
    body: list[str] = []
    taken, valid = "in_data_i", "valid_i"
    widths: list[int] = []
    for number, (layer, graph, depth) in enumerate(zip(layers, graphs, stages, strict=True)):
        widths = verilog.output_widths(graph)
        texts.append(verilog.module(f"layer{number}", graph, depth))
        body.append(f"  wire [{sum(widths) - 1}:0] sums{number};\n  wire valid{number};")
        body.append(
            f"  layer{number} u_layer{number} (.clk_i, .rst_ni, .enable_i, .valid_i({valid}), .valid_o(valid{number}), "
            f".in_data_i({taken}), .out_data_o(sums{number}));"
        )
        taken, valid = f"sums{number}", f"valid{number}"
        if layer.shift:
            body.append(_activations(number, widths, layer.shift))
            taken = f"relu{number}"
    in_width = INPUT_BITS * layers[0].w.shape[1]
    head = (
        "module jet (input wire clk_i, input wire rst_ni, input wire enable_i, input wire valid_i, "
        f"output wire valid_o, input wire [{in_width - 1}:0] in_data_i, output wire [{sum(widths) - 1}:0] out_data_o);"
    )
    body.append(f"  assign out_data_o = {taken};\n  assign valid_o = {valid};")
    return "\n".join([*texts, head, *body, "endmodule", ""])


def _activations(number: int, widths: Sequence[int], shift: int) -> str:
    """clamp(sum >> shift, 0, 63) of each sum."""
    lines = [f"  wire [{ACTIVATION_BITS * len(widths) - 1}:0] relu{number};"]
    start = 0
    for position, width in enumerate(widths):
        target = f"relu{number}[{position * ACTIVATION_BITS} +: {ACTIVATION_BITS}]"
        sign = start + width - 1
        kept = min(ACTIVATION_BITS, width - 1 - shift)
        value = f"sums{number}[{start + shift} +: {kept}]" if kept > 0 else ""
        missing = ACTIVATION_BITS - max(0, kept)
        zeros = f"{missing}'d0"
        value = f"{{{zeros}, {value}}}" if value and missing else value or zeros
        above = width - 1 - shift - ACTIVATION_BITS
        if above > 0:
            value = f"(|sums{number}[{sign - above} +: {above}] ? 6'd63 : {value})"
        lines.append(f"  assign {target} = sums{number}[{sign}] ? 6'd0 : {value};")
        start += width
    return "\n".join(lines)


_BENCH = """module tb;
  reg clk = 0, reset_n = 0, valid_in = 0;
  wire valid_out;
  reg [{in_top}:0] taken;
  wire [{out_top}:0] given;
  reg [{in_top}:0] inputs [0:{last}];
  reg [{out_top}:0] outputs [0:{last}];
  integer sent = 0, seen = 0, wrong = 0, clocks = 0, enabled = 0;
  wire enable = clocks % 7 != 3;
  jet dut (.clk_i(clk), .rst_ni(reset_n), .enable_i(enable), .valid_i(valid_in), .valid_o(valid_out), .in_data_i(taken),
    .out_data_o(given));
  initial begin
    $readmemh("in.hex", inputs);
    $readmemh("out.hex", outputs);
    repeat (2) begin #1 clk = 1; #1 clk = 0; end
    reset_n = 1;
    while (seen <= {last}) begin
      valid_in = sent <= {last};
      taken = inputs[valid_in ? sent : 0];
      #1;
      if (enable) begin
        sent = sent + 1;
        if (valid_out) begin
          if (given !== outputs[seen]) wrong = wrong + 1;
          seen = seen + 1;
        end else enabled = enabled + 1;
      end
      clk = 1; #1 clk = 0;
      clocks = clocks + 1;
    end
    $display("rows %0d wrong %0d latency %0d", seen, wrong, enabled);
    $finish;
  end
endmodule
"""


def simulate(folder: Path, layers: Sequence[Layer], widths: Sequence[int], rows: int) -> str:
    """What Icarus says of `rows` random rows, one a clock, with every seventh clock not enabled."""
    rng = np.random.default_rng(0)
    x = np.clip(np.round(rng.standard_normal((rows, layers[0].w.shape[1])) * 32), -128, 127).astype(np.int64)
    x[::2] = rng.integers(-128, 128, x[::2].shape)
    y = expected(layers, x)
    in_widths = [INPUT_BITS] * x.shape[1]
    (folder / "in.hex").write_text("\n".join(_word(row, in_widths) for row in x.tolist()), encoding="ascii")
    (folder / "out.hex").write_text("\n".join(_word(row, widths) for row in y.tolist()), encoding="ascii")
    text = _BENCH.format(in_top=sum(in_widths) - 1, out_top=sum(widths) - 1, last=rows - 1)
    (folder / "tb.sv").write_text(text, encoding="ascii")
    subprocess.run(["iverilog", "-g2012", "-o", "sim", "jet.sv", "tb.sv"], cwd=folder, check=True)
    done = subprocess.run(["vvp", "-n", "sim"], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _word(row: Sequence[int], widths: Sequence[int]) -> str:
    word = start = 0
    for value, width in zip(row, widths, strict=True):
        word |= (value & ((1 << width) - 1)) << start
        start += width
    return f"{word:x}"


def run(arguments: argparse.Namespace, folder: Path) -> bool:
    """Builds, compares, synthesises; whether all rows were equal."""
    layers = read_layers(arguments.model)
    begin = time.perf_counter()
    graphs: list[AdderGraph] = []
    for layer, depth in zip(layers, arguments.stages, strict=True):
        levels = max(solve.least_levels(layer.w), depth * arguments.per_stage - 1)
        spans = [layer.span] * layer.w.shape[1]
        graphs.append(solve.solve(layer.w, spans, layer.constant.tolist(), levels))
    solved = time.perf_counter() - begin
    text = design(layers, graphs, arguments.stages)
    print(f"solved in {solved:.2f} s, SystemVerilog in {time.perf_counter() - begin - solved:.2f} s more")
    (folder / "jet.sv").write_text(text, encoding="ascii")
    for number, (graph, depth) in enumerate(zip(graphs, arguments.stages, strict=True)):
        widths = [code.width for code in encode(graph).codes]
        lut = solve.cost_of(graph, CostModel(1.0, 0.0))
        registers = schedule(graph, depth, widths).registers(widths) + sum(verilog.output_widths(graph))
        print(f"layer {number}: {len(graph.adds)} adders, {levels_of(graph)} levels, {lut:.0f} LUT, {registers} FF")
    said = simulate(folder, layers, verilog.output_widths(graphs[-1]), arguments.rows)
    print(f"Icarus: {said}")
    if not arguments.no_synth:
        begin = time.perf_counter()
        cells = count(synthesise(folder, ["jet.sv"], "jet", ECP5 if arguments.ecp5 else XCUP, "jet.json"))
        seconds = time.perf_counter() - begin
        print(f"{sum(arguments.stages)} stages: {cells}; Yosys {seconds:.0f} s")
        print("\n".join(PEERS))
        for seed in range(1, arguments.place + 1):
            print(place(folder, "jet", seed=seed), "da4ml 65.7 MHz, placed")
    return f"rows {arguments.rows} wrong 0 " in said


def main() -> int:
    """0 where every row was equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--stages", type=int, nargs=4, default=[4, 4, 4, 4], help="of each layer")
    parser.add_argument("--per-stage", type=int, default=2, help="levels of adders in a stage that the solver may use")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="folder for the SystemVerilog, the bench and Yosys' netlist")
    parser.add_argument("--no-synth", action="store_true")
    parser.add_argument("--ecp5", action="store_true")
    parser.add_argument("--place", type=int, default=0, metavar="SEEDS", help="with --ecp5: the clock, by nextpnr")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return 0 if run(arguments, arguments.keep) else 1
    with TemporaryDirectory() as holder:
        return 0 if run(arguments, Path(holder)) else 1


if __name__ == "__main__":
    sys.exit(main())
