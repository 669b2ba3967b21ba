"""LUTs and flip-flops of a unit of each count in a module's bill, by family.

Written by `python -m bench.fpga_cost --fit`.
"""

# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.targets.dataflow.estimate.family import Family

Prices = Mapping[str, Mapping[str, float]]

COEFFICIENTS: dict[Family, dict[str, Prices]] = {
    Family.ECP5: {
        "hwc_argmax": {
            "lut": {"count": 2.29, "greater": 1.67},
            "ff": {"count": 1.0, "greater": 1.0, "index": 1.0},
        },
        "hwc_axil": {
            "lut": {"one": 540.0},
            "ff": {"one": 444.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 2.36, "one": 5.79, "slice": 1.01},
            "ff": {"count": 1.1, "one": 4.19, "slice": 1.0, "spare": 1.0},
        },
        "hwc_axis_out": {
            "lut": {"count": 2.09, "one": 5.67, "slice": 0.997},
            "ff": {"count": 1.03, "one": 4.73, "slice": 1.0, "spare": 1.0},
        },
        "hwc_binary": {
            "lut": {"compare": 0.467, "greater": 1.42, "one": 6.85, "sum": 1.07, "zero": 1.31},
            "ff": {"greater": 0.986, "one": 3.63, "product": 1.04, "sum": 0.984, "x": 1.01},
        },
        "hwc_concat": {
            "lut": {"choose": 1.02, "count": 1.56, "one": 44.4},
            "ff": {"beat": 1.02, "count": 0.706, "one": 29.9},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 2.5, "block_acc": 1.82, "block_tree": 0.776, "booth": 2.67, "booth_first": 1.51, "count":
                2.68, "deep_rom": 0.976, "rom": 1.05, "tree": 1.03,
            },
            "ff": {
                "acc": 1.06, "block_acc": 1.01, "block_tree": 0.977, "booth": 0.954, "count": 1.13, "delay": 0.982,
                "lut_weights": 0.948, "one": 4.35, "product": 0.986, "rom": 1.01, "tree": 0.977, "valid": 1.67,
                "weights": 1.02, "x": 0.992,
            },
        },
        "hwc_fifo": {
            "lut": {"block_mux": 1.1, "ram": 0.928, "ring": 2.54, "slice": 1.06},
            "ff": {"ram": 0.995, "ring": 1.04, "slice": 1.01, "spare": 1.01},
        },
        "hwc_fork": {
            "lut": {"flag": 2.52, "one": 1.57},
            "ff": {"flag": 1.0},
        },
        "hwc_log_softmax": {
            "lut": {"count": 21.3, "one": 1760.0, "ram": 0.704},
            "ff": {"count": 4.99, "one": 699.0, "out": 3.49, "ram": 8.87},
        },
        "hwc_lstm": {
            "lut": {
                "block_acc": 3.05, "block_tree": 1.09, "booth": 2.45, "booth_first": 0.621, "count": 2.75, "curve":
                18.2, "deep_rom": 1.01, "one": 44.3, "quotient": 1.23, "ram": 1.01, "round": 1.14, "scales": 1.25,
                "tree": 2.15,
            },
            "ff": {
                "block_acc": 3.8, "block_tree": 1.12, "booth": 0.962, "count": 1.51, "curve": 15.5, "delay": 1.32,
                "one": 29.0, "product": 1.12, "quotient": 1.18, "ram": 1.06, "rom": 1.44, "tree": 1.03, "weights":
                1.73, "x": 1.17,
            },
        },
        "hwc_lut": {
            "lut": {"address": 0.261, "deep_rom": 0.836, "one": 0.247, "rom": 1.04},
            "ff": {"address": 1.0, "one": 1.93, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 2.49, "block_acc": 1.87, "booth": 2.21, "booth_first": 2.31, "count": 2.0, "one": 6.06,
                "ram": 1.06, "ring": 1.96, "zero": 1.67,
            },
            "ff": {
                "acc": 1.02, "block_acc": 0.965, "booth": 0.956, "count": 0.89, "delay": 1.22, "one": 5.51,
                "product": 0.985, "ram": 1.04, "ring": 0.952, "valid": 1.44, "x": 1.12,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 1.83, "block_acc": 1.84, "block_tree": 1.13, "booth": 2.82, "booth_first": 1.82, "constant":
                0.715, "count": 3.67, "deep_rom": 1.04, "one": 2.41, "ram": 0.693, "ring": 3.96, "rom": 0.778,
                "tree": 0.684,
            },
            "ff": {
                "acc": 0.898, "block_acc": 1.07, "block_tree": 1.31, "booth": 1.05, "constant": 0.857, "count":
                1.78, "delay": 0.423, "lut_weights": 1.17, "one": 5.15, "own": 0.695, "product": 1.06, "ram": 0.989,
                "ring": 1.34, "rom": 0.991, "tree": 0.878, "weights": 1.08, "x": 0.815,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.121, "count": 1.66, "one": 8.83},
            "ff": {"beat": 1.0, "count": 1.08, "one": 3.12},
        },
        "hwc_permute": {
            "lut": {"count": 2.03, "deep_rom": 0.876, "one": 19.1, "ram": 0.934, "rom": 0.313},
            "ff": {"count": 1.05, "one": 6.05, "ram": 1.01, "rom": 1.03},
        },
        "hwc_pool": {
            "lut": {"greater": 2.08, "one": 3.29, "tree": 1.05},
            "ff": {"greater": 0.986, "one": 0.646, "tree": 0.959, "valid": 0.729, "x": 1.01},
        },
        "hwc_reduce": {
            "lut": {"acc": 2.09, "count": 1.27, "greater": 2.33, "one": 11.0, "ram": 0.972},
            "ff": {"acc": 0.997, "count": 1.05, "greater": 1.0, "one": 3.19, "ram": 1.01, "x": 1.0},
        },
        "hwc_requant": {
            "lut": {
                "acc": 1.2, "block_tree": 0.494, "booth": 2.7, "booth_first": 1.77, "clamp": 0.248, "constant":
                0.762, "count": 5.84, "deep_rom": 1.48, "far": 3.24, "lane": 13.2, "lowered": 1.18, "negative":
                0.747, "rom": 1.07, "tie": 0.303, "tree": 1.47,
            },
            "ff": {
                "acc": 1.51, "alone": 0.41, "block_tree": 0.948, "booth": 0.983, "constant": 0.989, "count": 0.84,
                "delay": 1.13, "negative": 0.959, "one": 0.386, "product": 1.02, "rom": 0.958, "tree": 1.33,
                "valid": 1.38, "x": 0.701,
            },
        },
        "hwc_softmax": {
            "lut": {"count": 15.7, "one": 832.0, "ram": 0.844},
            "ff": {"count": 6.18, "one": 473.0, "ram": 6.32},
        },
        "hwc_state": {
            "lut": {
                "count": 4.83, "deep_rom": 1.14, "first": 0.551, "one": 0.879, "ram": 1.05, "ring": 1.89, "slice":
                0.517,
            },
            "ff": {"count": 1.17, "one": 2.59, "ram": 0.997, "ring": 0.923, "rom": 1.0, "slice": 1.01, "spare": 1.01},
        },
        "hwc_stream_reg": {
            "lut": {"one": 5.09, "slice": 0.999},
            "ff": {"one": 1.95, "slice": 1.0, "spare": 1.0},
        },
        "hwc_take": {
            "lut": {"count": 6.48},
            "ff": {"count": 1.01, "one": 0.959},
        },
        "hwc_threshold": {
            "lut": {"compare": 1.12, "compare_constant": 0.672, "count": 0.605, "deep_rom": 1.57, "rom": 0.949},
            "ff": {"count": 2.65, "reached": 1.05, "rom": 0.992, "tree": 1.03, "x": 0.809},
        },
        "hwc_width": {
            "lut": {"count": 1.87, "last": 0.0985, "load": 0.978, "one": 2.79, "slice": 1.03},
            "ff": {"count": 0.956, "load": 1.0, "move": 1.03, "one": 0.177, "slice": 1.01, "spare": 1.01},
        },
        "hwc_window": {
            "lut": {"count": 1.06, "gap": 2.87, "ram": 0.936, "wait": 2.33},
            "ff": {"count": 0.583, "gap": 1.31, "ram": 0.994, "taps": 1.01, "wait": 1.45},
        },
    },
    Family.XC7: {
        "hwc_argmax": {
            "lut": {"count": 0.862, "greater": 0.921, "one": 2.44},
            "ff": {"count": 1.0, "greater": 1.0, "index": 1.0},
        },
        "hwc_axil": {
            "lut": {"one": 244.0},
            "ff": {"one": 410.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 1.19, "one": 5.48, "slice": 0.999},
            "ff": {"count": 1.22, "one": 3.0, "slice": 0.996, "spare": 0.996},
        },
        "hwc_axis_out": {
            "lut": {"count": 1.25, "one": 2.89, "slice": 0.996},
            "ff": {"count": 1.14, "one": 3.61, "slice": 1.01, "spare": 1.01},
        },
        "hwc_binary": {
            "lut": {"compare": 0.543, "greater": 1.01, "one": 8.65, "sum": 0.966, "zero": 0.312},
            "ff": {"greater": 3.27, "sum": 3.0, "x": 0.391},
        },
        "hwc_concat": {
            "lut": {"choose": 0.747, "count": 1.31, "one": 43.2},
            "ff": {"beat": 1.01, "count": 1.02, "one": 28.5},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 1.19, "block_tree": 0.583, "booth": 1.28, "booth_first": 0.727, "count": 1.39, "deep_rom":
                3.3, "one": 0.017, "rom": 1.09, "tree": 0.821,
            },
            "ff": {
                "acc": 0.854, "block_tree": 0.201, "booth": 1.37, "count": 0.609, "delay": 0.46, "one": 3.73, "rom":
                0.947, "tree": 0.623, "weights": 0.0584, "x": 0.243,
            },
        },
        "hwc_fifo": {
            "lut": {"block_mux": 0.502, "one": 0.847, "ram": 0.988, "ring": 1.64, "slice": 1.04},
            "ff": {"ram": 0.993, "ring": 1.03, "slice": 1.01, "spare": 1.01},
        },
        "hwc_fork": {
            "lut": {"flag": 2.19, "one": 1.9},
            "ff": {"flag": 1.0},
        },
        "hwc_log_softmax": {
            "lut": {"count": 9.11, "deep_rom": 2.54, "one": 881.0, "ram": 1.04},
            "ff": {"count": 8.37, "one": 476.0, "out": 0.444, "ram": 6.36, "rom": 1.68},
        },
        "hwc_lut": {
            "lut": {"address": 0.311, "deep_rom": 1.32, "one": 3.38, "rom": 0.946},
            "ff": {"address": 1.01, "one": 1.79, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 1.47, "booth": 1.26, "booth_first": 1.18, "count": 1.12, "one": 17.8, "ram": 0.962, "ring":
                1.18,
            },
            "ff": {"acc": 1.08, "booth": 0.967, "count": 0.605, "delay": 1.02, "ram": 0.821, "ring": 0.994, "x": 0.944},
        },
        "hwc_mvu": {
            "lut": {
                "acc": 0.698, "block_acc": 0.0255, "block_tree": 0.461, "booth": 0.947, "booth_first": 1.61,
                "constant": 0.508, "count": 2.3, "deep_rom": 2.94, "ram": 0.938, "ring": 1.49, "rom": 1.42, "shift":
                2.64, "soft": 2.08, "tree": 0.346,
            },
            "ff": {
                "acc": 0.859, "block_acc": 0.057, "block_tree": 0.544, "booth": 1.21, "constant": 0.827, "count":
                0.542, "delay": 1.33, "one": 2.05, "own": 0.373, "ram": 1.85, "ring": 1.54, "rom": 0.641, "soft":
                1.93, "tree": 0.529, "x": 0.577,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.32, "count": 1.15},
            "ff": {"beat": 1.02, "count": 1.12, "one": 2.14},
        },
        "hwc_permute": {
            "lut": {"count": 1.88, "deep_rom": 3.43, "one": 6.45, "ram": 1.0, "rom": 0.76},
            "ff": {"count": 1.07, "one": 5.72, "ram": 1.01, "rom": 1.01},
        },
        "hwc_pool": {
            "lut": {"greater": 1.81},
            "ff": {"greater": 0.516, "one": 84.8, "x": 0.957},
        },
        "hwc_reduce": {
            "lut": {"acc": 1.86, "count": 1.05, "greater": 1.78, "one": 3.87, "ram": 1.09},
            "ff": {"acc": 1.0, "count": 1.25, "greater": 0.99, "one": 1.92, "ram": 1.0, "x": 1.01},
        },
        "hwc_requant": {
            "lut": {
                "acc": 0.267, "block_tree": 0.174, "booth": 0.917, "booth_first": 1.25, "constant": 0.922, "count":
                10.3, "lowered": 1.05, "negative": 0.465, "rom": 1.14, "shift": 4.34, "tie": 0.733, "tree": 0.918,
            },
            "ff": {
                "acc": 1.79, "alone": 0.0676, "block_tree": 0.155, "booth": 0.777, "constant": 0.656, "count": 1.43,
                "negative": 0.904, "one": 1.29, "rom": 0.932, "tree": 0.871, "valid": 0.788, "x": 0.321,
            },
        },
        "hwc_softmax": {
            "lut": {"count": 9.29, "deep_rom": 1.86, "one": 404.0, "ram": 0.895},
            "ff": {"count": 7.56, "one": 283.0, "ram": 4.18, "rom": 1.4},
        },
        "hwc_state": {
            "lut": {"count": 0.198, "first": 0.832, "ram": 1.08, "ring": 2.04, "rom": 1.29, "slice": 0.376},
            "ff": {"count": 1.03, "one": 1.57, "ram": 0.999, "ring": 1.02, "rom": 1.0, "slice": 1.03, "spare": 1.03},
        },
        "hwc_stream_reg": {
            "lut": {"one": 4.29, "slice": 0.997},
            "ff": {"one": 1.89, "slice": 1.0, "spare": 1.0},
        },
        "hwc_take": {
            "lut": {"count": 1.77, "one": 6.03},
            "ff": {"count": 1.01, "one": 0.902},
        },
        "hwc_threshold": {
            "lut": {"compare": 0.785, "compare_constant": 0.341, "count": 0.82, "rom": 0.998},
            "ff": {"count": 0.939, "reached": 0.997, "rom": 0.994, "tree": 0.989, "valid": 0.876, "x": 0.978},
        },
        "hwc_width": {
            "lut": {"count": 1.75, "last": 0.088, "load": 0.986, "one": 2.34},
            "ff": {"count": 0.962, "load": 0.999, "move": 1.03, "one": 0.163},
        },
        "hwc_window": {
            "lut": {"count": 0.414, "gap": 0.669, "ram": 1.04, "wait": 2.5},
            "ff": {"count": 0.476, "gap": 1.35, "ram": 1.02, "taps": 1.02, "wait": 0.998},
        },
    },
}
"""By family, module, and "lut" or "ff"."""
