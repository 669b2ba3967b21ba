"""LUTs and flip-flops of a unit of each count in a module's bill, by family. Written by `python -m bench.fpga_cost fit`."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.targets.fpga.family import Family

Prices = Mapping[str, Mapping[str, float]]

COEFFICIENTS: dict[Family, dict[str, Prices]] = {
    Family.ECP5: {
        "hwc_argmax": {
            "lut": {"count": 1.77, "greater": 2.53},
            "ff": {"count": 2.0, "greater": 1.0, "one": 1.56e-15},
        },
        "hwc_axil": {
            "lut": {"one": 678.0},
            "ff": {"one": 447.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 2.11, "one": 9.77, "slice": 0.969},
            "ff": {"count": 1.09, "one": 4.37, "slice": 1.99},
        },
        "hwc_axis_out": {
            "lut": {"count": 2.16, "one": 5.97, "slice": 0.997},
            "ff": {"count": 1.0, "one": 5.0, "slice": 2.0},
        },
        "hwc_binary": {
            "lut": {"compare": 2.42, "one": 4.93, "sum": 1.13, "zero": 1.46},
            "ff": {"greater": 0.997, "one": 3.99, "product": 1.05, "sum": 0.997, "x": 1.0},
        },
        "hwc_concat": {
            "lut": {"choose": 1.02, "count": 1.66, "one": 48.0},
            "ff": {"beat": 0.999, "count": 0.124, "one": 33.7},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 2.82,
                "block_acc": 1.86,
                "block_tree": 0.515,
                "booth": 2.31,
                "booth_first": 1.92,
                "count": 2.23,
                "rom": 1.02,
                "tree": 1.46,
            },
            "ff": {
                "acc": 1.07,
                "block_acc": 0.95,
                "block_tree": 1.03,
                "booth": 0.927,
                "count": 1.02,
                "delay": 0.722,
                "lut_weights": 0.993,
                "one": 8.31,
                "product": 0.906,
                "rom": 0.985,
                "tree": 1.05,
                "valid": 0.992,
                "weights": 1.02,
                "x": 1.01,
            },
        },
        "hwc_fifo": {
            "lut": {"ram": 0.992, "ring": 3.13, "slice": 1.07},
            "ff": {"ram": 0.994, "ring": 1.03, "slice": 2.03},
        },
        "hwc_fork": {
            "lut": {"flag": 9.41},
            "ff": {"flag": 1.0},
        },
        "hwc_log_softmax": {
            "lut": {"count": 0.462, "one": 1860.0, "ram": 1.07},
            "ff": {"count": 0.768, "out": 2.86, "ram": 101.0},
        },
        "hwc_lstm": {
            "lut": {
                "acc": 2.0,
                "booth": 2.2,
                "booth_first": 1.4,
                "count": 2.0,
                "curve": 250.0,
                "one": 400.0,
                "quotient": 4.0,
                "ram": 1.0,
                "rom": 1.0,
                "round": 1.0,
                "scales": 1.0,
                "tree": 1.0,
                "block_tree": 1.0,
            },
            "ff": {
                "acc": 1.0,
                "booth": 1.0,
                "block_tree": 1.0,
                "count": 1.0,
                "curve": 150.0,
                "delay": 1.0,
                "lut_weights": 2.0,
                "one": 300.0,
                "product": 1.0,
                "quotient": 3.0,
                "ram": 1.0,
                "rom": 1.0,
                "tree": 1.0,
                "valid": 1.0,
                "weights": 1.0,
                "x": 1.0,
            },
        },
        "hwc_lut": {
            "lut": {"address": 0.0657, "one": 4.8, "rom": 0.947},
            "ff": {"address": 1.0, "one": 2.0, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 2.31,
                "block_acc": 2.08,
                "booth": 1.14,
                "booth_first": 5.62,
                "count": 0.65,
                "one": 38.2,
                "ram": 1.04,
                "ring": 2.65,
                "zero": 2.66,
            },
            "ff": {
                "acc": 1.13,
                "block_acc": 1.07,
                "booth": 0.939,
                "count": 0.731,
                "delay": 1.8,
                "one": 12.0,
                "product": 0.937,
                "ram": 0.952,
                "ring": 0.994,
                "x": 0.974,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 1.65,
                "block_acc": 1.98,
                "block_tree": 1.47,
                "booth": 2.93,
                "booth_first": 2.16,
                "constant": 0.666,
                "count": 3.15,
                "ring": 4.81,
                "rom": 0.79,
                "tree": 0.957,
            },
            "ff": {
                "acc": 0.895,
                "block_acc": 1.04,
                "block_tree": 1.4,
                "booth": 1.04,
                "constant": 0.831,
                "count": 2.17,
                "delay": 0.296,
                "lut_weights": 1.22,
                "one": 5.96,
                "own": 0.583,
                "product": 1.19,
                "ram": 0.829,
                "ring": 1.33,
                "rom": 0.863,
                "tree": 0.972,
                "weights": 1.08,
                "x": 0.653,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.0578, "count": 2.25, "one": 10.1},
            "ff": {"beat": 1.0, "count": 1.0, "one": 4.0},
        },
        "hwc_permute": {
            "lut": {"count": 2.12, "one": 25.2, "ram": 0.955, "rom": 0.814},
            "ff": {"count": 1.0, "one": 6.99, "ram": 1.0, "rom": 1.0},
        },
        "hwc_pool": {
            "lut": {"greater": 2.04, "one": 2.6, "tree": 1.06},
            "ff": {"greater": 0.993, "one": 2.2, "tree": 0.967, "x": 1.01},
        },
        "hwc_reduce": {
            "lut": {"acc": 2.16, "count": 0.377, "greater": 2.34, "one": 17.4, "ram": 0.938},
            "ff": {"acc": 1.0, "count": 1.0, "greater": 1.0, "one": 4.0, "ram": 1.0, "x": 1.0},
        },
        "hwc_requant": {
            "lut": {
                "acc": 1.41,
                "block_tree": 0.399,
                "booth": 2.79,
                "booth_first": 1.63,
                "clamp": 0.0204,
                "constant": 0.596,
                "far": 5.33,
                "lane": 11.2,
                "lowered": 0.886,
                "negative": 0.966,
                "rom": 1.25,
                "tie": 0.794,
                "tree": 1.55,
            },
            "ff": {
                "acc": 1.72,
                "block_tree": 0.83,
                "booth": 0.998,
                "constant": 0.968,
                "count": 0.432,
                "delay": 1.12,
                "negative": 1.07,
                "product": 1.19,
                "rom": 0.868,
                "tree": 1.36,
                "valid": 1.53,
                "x": 0.329,
            },
        },
        "hwc_softmax": {
            "lut": {"count": 2.17, "one": 886.0, "ram": 1.04},
            "ff": {"count": 1.2, "ram": 68.4},
        },
        "hwc_state": {
            "lut": {"count": 8.07, "first": 1.24, "ram": 0.543, "ring": 1.83, "rom": 0.985},
            "ff": {"count": 1.68, "one": 3.29, "ram": 1.02, "ring": 0.867, "rom": 0.272, "slice": 2.01},
        },
        "hwc_stream_reg": {
            "lut": {"one": 5.0, "slice": 1.0},
            "ff": {"one": 2.0, "slice": 2.0},
        },
        "hwc_take": {
            "lut": {"count": 6.56},
            "ff": {"count": 1.0, "one": 1.0},
        },
        "hwc_threshold": {
            "lut": {"compare": 0.925, "compare_constant": 0.623, "count": 0.497, "rom": 1.15, "tree": 0.481},
            "ff": {"count": 2.42, "one": 5.58, "reached": 2.25, "rom": 0.968, "tree": 0.638, "x": 0.56},
        },
        "hwc_width": {
            "lut": {
                "count": 3.18,
                "last": 0.195,
                "load2": 1.9,
                "load4": 8.16,
                "load5": 0.987,
                "one": 1.74,
                "slice": 1.05,
            },
            "ff": {"count": 0.765, "load": 0.999, "move": 1.01, "one": 0.843, "slice": 2.02},
        },
        "hwc_window": {
            "lut": {"count": 0.893, "gap": 3.72, "ram": 0.955, "wait": 3.64},
            "ff": {"count": 0.527, "gap": 1.35, "ram": 0.99, "taps": 1.01, "wait": 1.61},
        },
    },
}
"""By family, module, and "lut" or "ff"."""
