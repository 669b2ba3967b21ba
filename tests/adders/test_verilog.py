"""Pipelines keep their promises, and the SystemVerilog is the graph, in every stage count, with clocks not enabled."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hwcomp.adders.codes import encode
from hwcomp.adders.graph import AdderGraph, Ints, evaluate
from hwcomp.adders.schedule import levels_of, levels_per_stage, schedule, stages_for
from hwcomp.adders.solve import least_levels, solve
from hwcomp.adders.verilog import input_width, module, output_widths
from hwcomp.verify.verilator import lint

SPANS = [(-128, 127), (0, 63), (-5, 9), (3, 40), (0, 1), (-7, -7), (0, 200), (-64, 63)]


def problem(seed: int) -> tuple[Ints, AdderGraph]:
    """A sparse matrix of 9 rows, one of them zero."""
    rng = np.random.default_rng(seed)
    w = rng.integers(-40, 40, (9, len(SPANS))) * (rng.random((9, len(SPANS))) < 0.7)
    w[4] = 0
    return w, solve(w, SPANS, rng.integers(-500, 500, 9).tolist(), least_levels(w) + 1)


@pytest.mark.parametrize("stages", [1, 2, 3, 5, 9])
def test_schedule(stages: int) -> None:
    graph = problem(1)[1]
    widths = [code.width for code in encode(graph).codes]
    plan = schedule(graph, stages, widths)
    span = levels_per_stage(levels_of(graph), stages)
    within = [0] * graph.nodes
    for node, add in enumerate(graph.adds, len(graph.inputs)):
        for operand in (add.first, add.second):
            assert plan.stage[operand] <= plan.stage[node] <= plan.last[operand] <= stages
            here = within[operand] if plan.stage[operand] == plan.stage[node] else 0
            within[node] = max(within[node], here + 1)
        assert within[node] <= span
    assert stages_for(levels_of(graph), span) <= stages
    assert all(plan.last[out.node] == stages for out in graph.outputs if out.node is not None)
    as_soon = sum(width * (stages - 1) for width in widths[: len(graph.inputs)])
    assert plan.registers(widths) <= as_soon + sum(widths) * stages


BENCH = """module tb;
  reg clk = 0, reset_n = 0, valid_in = 0;
  wire valid_out;
  reg [{in_top}:0] taken;
  wire [{out_top}:0] given;
  reg [{in_top}:0] inputs [0:{last}];
  integer sent = 0, clocks = 0, seen = 0;
  wire enable = clocks % 5 != 2;
  {instance}
  initial begin
    $readmemh("in.hex", inputs);
    #1 clk = 1; #1 clk = 0;
    reset_n = 1;
    while (seen <= {last}) begin
      valid_in = (sent <= {last}) && (clocks % 3 != 1);
      taken = inputs[valid_in ? sent : 0];
      #1;
      if (enable && valid_out) begin $display("%h", given); seen = seen + 1; end
      if (enable && valid_in) sent = sent + 1;
      clk = 1; #1 clk = 0;
      clocks = clocks + 1;
    end
    $finish;
  end
endmodule
"""


def word(row: list[int], widths: list[int]) -> int:
    """Values side by side, the first in the least significant bits."""
    packed = start = 0
    for value, width in zip(row, widths, strict=True):
        packed |= (value & ((1 << width) - 1)) << start
        start += width
    return packed


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("stages", [0, 1, 3, 7])
def test_simulated_equal(tmp_path: Path, seed: int, stages: int) -> None:
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed")
    graph = problem(seed)[1]
    x = np.stack([np.random.default_rng(seed).integers(low, high + 1, 200) for low, high in SPANS], axis=1)
    in_widths, out_widths = [input_width(*span) for span in SPANS], output_widths(graph)
    ports = ".in_data_i(taken), .out_data_o(given)"
    control = ".clk_i(clk), .rst_ni(reset_n), .enable_i(enable), .valid_i(valid_in), .valid_o(valid_out), "
    instance = f"sums dut ({control}{ports});" if stages else f"assign valid_out = valid_in;\n  sums dut ({ports});"
    (tmp_path / "sums.sv").write_text(module("sums", graph, stages))
    text = BENCH.format(in_top=sum(in_widths) - 1, out_top=sum(out_widths) - 1, last=len(x) - 1, instance=instance)
    (tmp_path / "tb.sv").write_text(text)
    (tmp_path / "in.hex").write_text("\n".join(f"{word(row, in_widths):x}" for row in x.tolist()))
    subprocess.run(["iverilog", "-g2012", "-Wall", "-o", "sim", "sums.sv", "tb.sv"], cwd=tmp_path, check=True)
    done = subprocess.run(["vvp", "-n", "sim"], cwd=tmp_path, check=True, capture_output=True, text=True)
    expected = evaluate(graph, x).tolist()
    found = [int(line, 16) for line in done.stdout.split() if "x" not in line]
    assert found == [word(row, out_widths) for row in expected]


@pytest.mark.parametrize("stages", [0, 3])
def test_no_warnings(tmp_path: Path, stages: int) -> None:
    (tmp_path / "sums.sv").write_text(module("sums", problem(2)[1], stages))
    lint([tmp_path / "sums.sv"], "sums")
