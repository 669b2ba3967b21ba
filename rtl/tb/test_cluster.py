"""hwc_cluster_entry and hwc_cluster_exit around a pipeline: no beat is lost, and none waits without need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.targets.dataflow.modules.spec import ModuleSpec
from hwcomp.targets.dataflow.modules.stream import cluster_entry, cluster_exit
from hwcomp.targets.dataflow.timing.clusters import EXIT_BEATS, Cluster
from rtl.tb.bench import NONE, Case, Stream, check

FRAMES, BEATS, WIDTH = 3, 40, 8
CLUSTER = """module {name} (
  input  logic clk_i, input logic rst_ni,
  input  logic in_valid_i, output logic in_ready_o, input logic [7:0] in_data_i,
  output logic out_valid_o, input logic out_ready_i, output logic [7:0] out_data_o
);
  logic room, takes, valid, first_valid, last_valid;
  logic [7:0] first, last;
  logic [{stages}-1:0] valid_q;
  hwc_cluster_entry #(.Width(8), .Interval({interval})) u_entry (
    .clk_i, .rst_ni, .room_i(room), .in_valid_i, .in_ready_o, .in_data_i,
    .out_valid_o(first_valid), .out_ready_i(1'b1), .out_data_o(first));
  hwc_delay #(.Width(8), .Clocks({stages})) u_delay (.clk_i, .en_i(1'b1), .d_i(first), .q_o(last));
  always_ff @(posedge clk_i) valid_q <= rst_ni ? {stages}'({{valid_q, first_valid}}) : '0;
  hwc_cluster_exit #(.Width(8), .Depth({depth}), .Reserve({reserve})) u_exit (
    .clk_i, .rst_ni, .room_o(room), .in_valid_i(valid_q[{stages}-1]), .in_ready_o(takes), .in_data_i(last),
    .out_valid_o, .out_ready_i, .out_data_o);
  always_ff @(posedge clk_i) if (rst_ni && valid_q[{stages}-1] && !takes) $error("a beat is lost");
endmodule
"""


def case(folder: Path, stages: int, interval: int, less: int = 0) -> Case:
    """less: beats by which the exit's reserve is too small."""
    reserve = Cluster("", "", (), interval, stages, 1).reserve - less
    depth = reserve + EXIT_BEATS
    name = f"cluster_{stages}_{interval}_{less}"
    text = CLUSTER.format(name=name, stages=stages, interval=interval, depth=depth, reserve=reserve)
    (folder / f"{name}.sv").write_text(text, encoding="ascii")
    entry = cluster_entry(width=WIDTH, interval=interval, beats=BEATS)
    leave = cluster_exit(width=WIDTH, depth=depth, reserve=reserve, beats=BEATS)
    spec = ModuleSpec(name, {}, entry.latency + stages + leave.latency, entry.interval, (BEATS,), (BEATS,))
    beats = np.random.default_rng(stages).integers(0, 256, FRAMES * BEATS).tolist()
    return Case(name, spec, {"in": Stream(WIDTH, beats)}, {"out": Stream(WIDTH, beats)}, FRAMES)


@pytest.mark.slow
def test_nothing_is_lost_and_the_pace_is_kept(tmp_path: Path) -> None:
    shapes = ((1, 1), (2, 1), (7, 1), (30, 1), (5, 2), (4, 3), (20, 4), (3, 16), (40, 16))
    check([case(tmp_path, stages, interval) for stages, interval in shapes], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("stages", "interval"), [(7, 1), (20, 4)])
def test_one_place_too_few_is_found_out(stages: int, interval: int, tmp_path: Path) -> None:
    """The FIFO holds one beat more than its depth: two are too few."""
    made = case(tmp_path, stages, interval, less=2)
    with pytest.raises(Exception, match=r"a beat is lost|not the expected"):
        check([made], tmp_path)
    assert check([case(tmp_path, stages, interval)], tmp_path, (NONE,))
