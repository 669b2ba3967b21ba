"""LUTs and flip-flops of a unit of each count in a module's bill, by family.

Written by `python -m bench.fpga_cost --fit`.
"""

# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.targets.fpga.family import Family

Prices = Mapping[str, Mapping[str, float]]

COEFFICIENTS: dict[Family, dict[str, Prices]] = {
    Family.ECP5: {
        "hwc_argmax": {
            "lut": {"count": 2.37, "greater": 1.64},
            "ff": {"count": 1.0, "greater": 1.0, "index": 1.0, "one": 4.34e-15},
        },
        "hwc_axil": {
            "lut": {"one": 543.0},
            "ff": {"one": 446.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 2.39, "one": 5.52, "slice": 1.01},
            "ff": {"count": 1.09, "one": 4.32, "slice": 0.998, "spare": 0.998},
        },
        "hwc_axis_out": {
            "lut": {"count": 2.12, "one": 5.46, "slice": 0.998},
            "ff": {"count": 1.01, "one": 4.93, "slice": 1.0, "spare": 1.0},
        },
        "hwc_binary": {
            "lut": {"compare": 0.45, "greater": 1.43, "one": 6.75, "sum": 1.07, "zero": 1.32},
            "ff": {"greater": 0.983, "one": 3.89, "product": 1.04, "sum": 0.982, "x": 1.01},
        },
        "hwc_concat": {
            "lut": {"choose": 1.01, "count": 1.05, "one": 47.6},
            "ff": {"beat": 1.0, "count": 0.301, "one": 32.6},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 3.01, "block_acc": 1.76, "block_tree": 0.464, "booth": 2.26, "booth_first": 1.78, "count":
                2.43, "deep_rom": 0.973, "rom": 1.04, "tree": 1.59,
            },
            "ff": {
                "acc": 1.07, "block_acc": 0.95, "block_tree": 1.03, "booth": 0.927, "count": 1.02, "delay": 0.722,
                "lut_weights": 0.993, "one": 8.31, "product": 0.906, "rom": 0.985, "tree": 1.05, "valid": 0.992,
                "weights": 1.02, "x": 1.01,
            },
        },
        "hwc_fifo": {
            "lut": {"block_mux": 1.09, "ram": 0.905, "ring": 2.61, "slice": 1.07},
            "ff": {"ram": 0.993, "ring": 1.04, "slice": 1.01, "spare": 1.01},
        },
        "hwc_fork": {
            "lut": {"flag": 2.86, "one": 0.46},
            "ff": {"flag": 1.0, "one": 1.09e-17},
        },
        "hwc_log_softmax": {
            "lut": {"count": 17.9, "one": 1790.0, "ram": 0.533},
            "ff": {"count": 1.4, "one": 396.0, "out": 2.94, "ram": 50.5},
        },
        "hwc_lstm": {
            "lut": {
                "acc": 4.87, "block_acc": 1.63, "block_tree": 1.03, "booth": 2.15, "booth_first": 2.22, "count":
                2.87, "curve": 22.9, "deep_rom": 0.865, "one": 53.8, "quotient": 1.28, "ram": 1.23, "round": 1.18,
                "scales": 1.3, "tree": 2.4,
            },
            "ff": {
                "block_acc": 3.65, "block_tree": 1.11, "booth": 0.958, "count": 1.35, "curve": 13.8, "delay": 1.28,
                "one": 25.7, "product": 1.11, "quotient": 1.15, "ram": 1.63, "rom": 2.31, "tree": 1.02, "weights":
                1.64, "x": 1.14,
            },
        },
        "hwc_lut": {
            "lut": {"address": 0.166, "deep_rom": 0.827, "one": 1.37, "rom": 1.06},
            "ff": {"address": 1.0, "one": 1.98, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 2.59, "block_acc": 1.95, "booth": 1.71, "booth_first": 3.91, "count": 1.67, "one": 8.0,
                "ram": 1.1, "ring": 2.07, "zero": 1.8,
            },
            "ff": {
                "acc": 1.04, "block_acc": 0.94, "booth": 0.953, "count": 0.833, "delay": 1.0, "one": 7.57,
                "product": 1.01, "ram": 1.07, "ring": 0.976, "valid": 1.01, "x": 1.12,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 1.8, "block_acc": 1.9, "block_tree": 1.39, "booth": 3.03, "booth_first": 1.44, "constant":
                0.674, "count": 4.09, "deep_rom": 1.02, "ring": 5.11, "rom": 0.6, "tree": 0.813,
            },
            "ff": {
                "acc": 0.895, "block_acc": 1.04, "block_tree": 1.4, "booth": 1.04, "constant": 0.831, "count": 2.17,
                "delay": 0.296, "lut_weights": 1.22, "one": 5.96, "own": 0.583, "product": 1.19, "ram": 0.829,
                "ring": 1.33, "rom": 0.863, "tree": 0.972, "weights": 1.08, "x": 0.653,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.0171, "count": 2.47, "one": 3.51},
            "ff": {"beat": 1.0, "count": 1.03, "one": 3.65},
        },
        "hwc_permute": {
            "lut": {"count": 1.76, "deep_rom": 0.851, "one": 23.8, "ram": 0.901},
            "ff": {"count": 1.03, "one": 6.41, "ram": 1.01, "rom": 1.02},
        },
        "hwc_pool": {
            "lut": {"greater": 2.09, "one": 2.81, "tree": 1.06},
            "ff": {"greater": 0.986, "one": 1.29, "tree": 0.96, "valid": 0.413, "x": 1.01},
        },
        "hwc_reduce": {
            "lut": {"acc": 2.13, "count": 0.841, "greater": 2.39, "one": 14.0, "ram": 0.947},
            "ff": {"acc": 0.998, "count": 1.02, "greater": 1.0, "one": 3.7, "ram": 1.0, "x": 1.0},
        },
        "hwc_requant": {
            "lut": {
                "acc": 1.17, "block_tree": 0.389, "booth": 2.64, "booth_first": 1.33, "clamp": 0.319, "constant":
                0.678, "count": 1.71, "deep_rom": 1.75, "far": 4.86, "lane": 13.9, "lowered": 1.23, "negative":
                0.539, "rom": 2.0, "tie": 0.486, "tree": 1.44,
            },
            "ff": {
                "acc": 1.72, "block_tree": 0.83, "booth": 0.998, "constant": 0.968, "count": 0.432, "delay": 1.12,
                "negative": 1.07, "product": 1.19, "rom": 0.868, "tree": 1.36, "valid": 1.53, "x": 0.329,
            },
        },
        "hwc_softmax": {
            "lut": {"count": 8.01, "one": 866.0, "ram": 0.879},
            "ff": {"count": 1.98, "one": 268.0, "ram": 34.5},
        },
        "hwc_state": {
            "lut": {
                "count": 5.64, "deep_rom": 1.12, "first": 0.523, "one": 0.0808, "ram": 1.07, "ring": 1.73, "slice":
                0.521,
            },
            "ff": {"count": 1.36, "one": 2.72, "ram": 0.995, "ring": 0.863, "rom": 1.0, "slice": 1.01, "spare": 1.01},
        },
        "hwc_stream_reg": {
            "lut": {"one": 5.02, "slice": 1.0},
            "ff": {"one": 1.99, "slice": 1.0, "spare": 1.0},
        },
        "hwc_take": {
            "lut": {"count": 6.55},
            "ff": {"count": 1.0, "one": 0.989},
        },
        "hwc_threshold": {
            "lut": {"compare": 1.1, "compare_constant": 0.663, "count": 0.155, "deep_rom": 1.63, "rom": 0.996},
            "ff": {"count": 2.9, "one": 1.07, "reached": 1.2, "rom": 0.973, "tree": 1.0, "x": 0.748},
        },
        "hwc_width": {
            "lut": {"count": 1.97, "last": 0.0266, "load": 0.994, "one": 2.93, "slice": 1.03},
            "ff": {"count": 0.981, "load": 1.0, "move": 1.03, "one": 0.0702, "slice": 1.01, "spare": 1.01},
        },
        "hwc_window": {
            "lut": {"count": 0.935, "gap": 3.07, "ram": 0.919, "wait": 2.75},
            "ff": {"count": 0.527, "gap": 1.35, "ram": 0.99, "taps": 1.01, "wait": 1.61},
        },
    },
    Family.XC7: {
        "hwc_axil": {
            "lut": {"one": 244.0},
            "ff": {"one": 437.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 1.2, "one": 4.32, "slice": 1.07},
            "ff": {"count": 1.21, "one": 3.81, "slice": 0.969, "spare": 0.969},
        },
        "hwc_axis_out": {
            "lut": {"count": 1.48, "one": 0.737, "slice": 1.01},
            "ff": {"count": 1.07, "one": 4.34, "slice": 1.0, "spare": 1.0},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 0.488, "block_tree": 0.782, "booth": 1.8, "booth_first": 0.409, "count": 1.2, "deep_rom":
                3.67, "rom": 0.872, "tree": 0.163,
            },
            "ff": {
                "acc": 0.873, "block_acc": 0.198, "block_tree": 0.417, "booth": 1.45, "delay": 0.929, "one": 7.81,
                "rom": 0.839, "tree": 0.657,
            },
        },
        "hwc_fifo": {
            "lut": {"block_mux": 0.499, "ram": 0.989, "ring": 1.69, "slice": 1.05},
            "ff": {"ram": 0.992, "ring": 1.03, "slice": 1.01, "spare": 1.01},
        },
        "hwc_fork": {
            "lut": {"flag": 2.86},
            "ff": {"flag": 1.0},
        },
        "hwc_lut": {
            "lut": {"address": 1.01, "deep_rom": 1.18, "one": 3.68, "rom": 0.568},
            "ff": {"address": 1.01, "one": 1.93, "rom": 0.999},
        },
        "hwc_mvu": {
            "lut": {
                "acc": 0.839, "block_acc": 0.0709, "block_tree": 0.653, "booth": 1.08, "booth_first": 1.2,
                "constant": 0.615, "count": 1.2, "deep_rom": 3.9, "ram": 0.116, "ring": 1.78, "rom": 1.07, "soft":
                2.35,
            },
            "ff": {
                "acc": 0.965, "block_acc": 0.266, "block_tree": 1.2, "booth": 1.14, "constant": 1.13, "count": 3.28,
                "ram": 1.89, "ring": 1.01, "rom": 0.659, "soft": 1.95, "tree": 0.324, "x": 0.0852,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.224, "count": 1.35},
            "ff": {"beat": 1.01, "count": 1.09, "one": 2.77},
        },
        "hwc_permute": {
            "lut": {"count": 0.837, "deep_rom": 3.81, "one": 1.57, "ram": 1.01, "rom": 3.85},
            "ff": {"count": 1.02, "one": 6.32, "ram": 1.01, "rom": 1.04},
        },
        "hwc_pool": {
            "lut": {"greater": 1.82},
            "ff": {"greater": 0.324, "one": 130.0, "x": 0.98},
        },
        "hwc_reduce": {
            "lut": {"acc": 2.17, "count": 1.28, "greater": 1.99, "one": 0.438, "ram": 0.859},
            "ff": {"acc": 1.0, "count": 1.26, "greater": 0.989, "one": 2.17, "ram": 0.992, "x": 1.01},
        },
        "hwc_requant": {
            "lut": {
                "acc": 0.248, "block_tree": 0.187, "booth": 0.692, "booth_first": 2.69, "constant": 0.916, "count":
                10.9, "deep_rom": 1.24, "lowered": 1.29, "negative": 0.322, "shift": 4.39, "tie": 0.794, "tree":
                0.918,
            },
            "ff": {
                "acc": 1.85, "block_tree": 0.127, "booth": 0.807, "constant": 0.664, "count": 1.39, "negative":
                0.931, "one": 2.83, "product": 0.137, "rom": 0.855, "tree": 0.917, "valid": 0.531,
            },
        },
        "hwc_softmax": {
            "lut": {"count": 2.89, "deep_rom": 2.28, "one": 334.0, "ram": 0.729},
            "ff": {"count": 2.04, "one": 121.0, "ram": 16.1, "rom": 2.92},
        },
        "hwc_state": {
            "lut": {
                "count": 0.77, "deep_rom": 1.58, "first": 0.823, "one": 0.107, "ram": 1.05, "ring": 1.94, "slice":
                0.34,
            },
            "ff": {"count": 1.0, "one": 1.83, "ram": 0.998, "ring": 1.01, "rom": 1.0, "slice": 1.03, "spare": 1.03},
        },
        "hwc_stream_reg": {
            "lut": {"one": 4.08, "slice": 0.999},
            "ff": {"one": 1.97, "slice": 1.0, "spare": 1.0},
        },
        "hwc_threshold": {
            "lut": {"compare": 1.01, "compare_constant": 0.318, "count": 0.722, "deep_rom": 1.56, "rom": 0.614},
            "ff": {"count": 1.0, "reached": 1.05, "rom": 0.983, "tree": 0.967, "valid": 0.999, "x": 0.967},
        },
        "hwc_width": {
            "lut": {"count": 2.16, "last": 0.0142, "load": 0.998, "one": 1.82},
            "ff": {"count": 0.98, "load": 1.0, "move": 1.03, "one": 0.0712},
        },
        "hwc_window": {
            "lut": {"count": 0.347, "gap": 0.579, "ram": 1.06, "wait": 2.69},
            "ff": {"count": 0.417, "gap": 1.38, "ram": 1.03, "taps": 1.02, "wait": 1.09},
        },
    },
}
"""By family, module, and "lut" or "ff"."""
