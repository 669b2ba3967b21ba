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
        "hwc_adders": {
            "lut": {"chain": 1.21},
            "ff": {"registers": 0.937},
        },
        "hwc_argmax": {
            "lut": {"count": 2.29, "greater": 1.67},
            "ff": {"count": 1.0, "greater": 1.0, "index": 1.0},
        },
        "hwc_axil": {
            "lut": {"one": 565.0},
            "ff": {"one": 453.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 2.32, "one": 7.69, "slice": 1.01},
            "ff": {"count": 1.11, "one": 5.1, "slice": 1.0, "spare": 1.0},
        },
        "hwc_axis_out": {
            "lut": {"count": 2.03, "one": 8.68, "slice": 0.997},
            "ff": {"count": 1.01, "one": 5.87, "slice": 1.0, "spare": 1.0},
        },
        "hwc_binary": {
            "lut": {"compare": 0.467, "greater": 1.42, "one": 6.85, "sum": 1.07, "zero": 1.31},
            "ff": {"greater": 0.986, "one": 3.63, "product": 1.04, "sum": 0.984, "x": 1.01},
        },
        "hwc_clamp": {
            "lut": {"above": 0.673, "gate": 0.00481, "lane": 5.71, "zero": 2.7},
            "ff": {"one": 1.51, "result": 0.971},
        },
        "hwc_cluster_entry": {
            "lut": {"count": 1.92, "one": 1.99},
            "ff": {"count": 1.0},
        },
        "hwc_cluster_exit": {
            "lut": {"count": 2.25, "ram": 0.909, "ring": 2.11},
            "ff": {"count": 1.0, "ram": 1.0, "ring": 1.0},
        },
        "hwc_concat": {
            "lut": {"choose": 1.02, "count": 1.56, "one": 44.4},
            "ff": {"beat": 1.02, "count": 0.706, "one": 29.9},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 2.4, "block_acc": 2.14, "block_tree": 0.823, "booth": 2.74, "booth_first": 1.72, "count":
                2.04, "deep_rom": 1.37, "one": 0.703, "rom": 0.962, "tree": 0.898,
            },
            "ff": {
                "acc": 1.09, "block_acc": 1.03, "block_tree": 0.94, "booth": 0.952, "count": 1.12, "delay": 0.954,
                "lut_weights": 0.995, "one": 3.98, "product": 1.0, "rom": 1.01, "tree": 0.977, "valid": 1.41,
                "weights": 1.05, "x": 1.03,
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
                "acc": 1.99, "block_acc": 3.83, "block_tree": 1.05, "booth": 2.4, "booth_first": 0.452, "count":
                2.11, "curve": 20.1, "deep_rom": 1.15, "one": 48.2, "quotient": 1.24, "ram": 0.984, "round": 1.15,
                "scales": 1.25, "tree": 2.81,
            },
            "ff": {
                "acc": 1.14, "block_acc": 1.28, "block_tree": 1.14, "booth": 0.941, "count": 1.93, "curve": 25.4,
                "delay": 1.46, "lut_weights": 0.779, "one": 48.8, "product": 1.14, "quotient": 1.25, "ram": 1.0,
                "rom": 1.18, "tree": 1.22, "weights": 0.517, "x": 1.05,
            },
        },
        "hwc_lut": {
            "lut": {"address": 0.261, "deep_rom": 0.836, "one": 0.247, "rom": 1.04},
            "ff": {"address": 1.0, "one": 1.93, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 2.88, "block_acc": 2.03, "booth": 2.15, "booth_first": 2.32, "count": 1.95, "one": 3.95,
                "ram": 1.01, "ring": 2.1, "zero": 1.46,
            },
            "ff": {
                "acc": 1.07, "block_acc": 1.02, "booth": 1.14, "count": 0.798, "one": 7.35, "product": 1.03, "ram":
                0.971, "ring": 1.04, "x": 1.19,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 1.92, "block_acc": 2.05, "block_tree": 1.13, "booth": 2.8, "booth_first": 2.06, "borrow":
                1.18, "constant": 0.795, "corrected": 1.32, "count": 3.22, "deep_rom": 1.56, "ram": 0.89, "ring":
                2.58, "rom": 0.891, "tree": 0.617,
            },
            "ff": {
                "acc": 0.934, "block_acc": 1.08, "block_tree": 1.29, "booth": 1.2, "constant": 1.07, "corrected":
                1.12, "count": 2.12, "delay": 0.822, "full": 1.12, "lut_weights": 1.07, "one": 4.93, "operand":
                0.945, "own": 0.818, "product": 1.1, "ram": 0.806, "ring": 1.01, "rom": 0.988, "tree": 0.909,
                "valid": 0.085, "weights": 1.01, "x": 0.555,
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
                "acc": 0.965, "block_tree": 0.631, "booth": 2.78, "booth_first": 1.55, "clamp": 0.637, "constant":
                0.857, "count": 5.31, "deep_rom": 1.54, "far": 1.64, "lane": 16.7, "lowered": 1.09, "negative":
                0.963, "rom": 0.931, "tie": 0.419, "tree": 1.43,
            },
            "ff": {
                "acc": 1.48, "alone": 0.399, "block_tree": 0.994, "booth": 0.998, "clamp": 0.086, "constant": 1.01,
                "count": 0.584, "delay": 1.08, "negative": 1.02, "one": 0.137, "product": 1.02, "rom": 0.974,
                "tree": 1.33, "valid": 1.26, "x": 0.645,
            },
        },
        "hwc_serial": {
            "lut": {"apart": 0.723, "constant": 1.86, "control": 1.53, "sum": 0.694},
            "ff": {"control": 2.28, "registers": 1.02, "words": 0.968},
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
            "lut": {"one": 7.03, "slice": 1.0},
            "ff": {"one": 2.96, "slice": 1.0, "spare": 1.0},
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
            "lut": {"choose": 0.923, "count": 0.64, "one": 5.75, "slice": 1.01},
            "ff": {"count": 0.76, "load": 0.999, "move": 1.0, "one": 0.878, "slice": 1.01, "spare": 1.01},
        },
        "hwc_window": {
            "lut": {"count": 1.06, "gap": 2.87, "ram": 0.936, "wait": 2.33},
            "ff": {"count": 0.583, "gap": 1.31, "ram": 0.994, "taps": 1.01, "wait": 1.45},
        },
    },
    Family.XC7: {
        "hwc_adders": {
            "lut": {"chain": 1.12, "constant": 0.558, "one": 10.6},
            "ff": {"registers": 0.904},
        },
        "hwc_argmax": {
            "lut": {"count": 0.862, "greater": 0.921, "one": 2.44},
            "ff": {"count": 1.0, "greater": 1.0, "index": 1.0},
        },
        "hwc_axil": {
            "lut": {"one": 267.0},
            "ff": {"one": 453.0},
        },
        "hwc_axis_in": {
            "lut": {"count": 1.0, "one": 9.97, "slice": 1.01},
            "ff": {"count": 1.2, "one": 4.32, "slice": 1.0, "spare": 1.0},
        },
        "hwc_axis_out": {
            "lut": {"count": 1.02, "one": 7.84, "slice": 1.01},
            "ff": {"count": 1.32, "one": 2.9, "slice": 1.0, "spare": 1.0},
        },
        "hwc_binary": {
            "lut": {"compare": 0.543, "greater": 1.01, "one": 8.65, "sum": 0.966, "zero": 0.312},
            "ff": {"greater": 3.27, "sum": 3.0, "x": 0.391},
        },
        "hwc_clamp": {
            "lut": {"above": 0.494, "gate": 0.627, "lane": 0.549, "one": 0.145, "zero": 0.447},
            "ff": {"one": 2.47, "result": 0.918},
        },
        "hwc_cluster_entry": {
            "lut": {"count": 1.55, "one": 2.5},
            "ff": {"count": 1.0},
        },
        "hwc_cluster_exit": {
            "lut": {"count": 1.85, "one": 8.17, "ram": 0.952, "ring": 0.961},
            "ff": {"count": 1.0, "ram": 1.0, "ring": 1.0},
        },
        "hwc_concat": {
            "lut": {"choose": 0.747, "count": 1.31, "one": 43.2},
            "ff": {"beat": 1.01, "count": 1.02, "one": 28.5},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 1.39, "block_acc": 0.0181, "block_tree": 0.521, "booth": 1.16, "booth_first": 0.393, "count":
                1.47, "deep_rom": 3.53, "rom": 1.09, "tree": 1.36,
            },
            "ff": {
                "acc": 1.02, "block_tree": 0.154, "booth": 1.42, "count": 0.881, "delay": 0.415, "lut_weights":
                0.0203, "one": 2.09, "rom": 0.957, "tree": 0.543, "x": 0.268,
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
        "hwc_lstm": {
            "lut": {
                "acc": 2.1, "block_acc": 0.87, "block_tree": 0.539, "booth": 1.18, "booth_first": 0.0102, "count":
                0.47, "curve": 2.45, "deep_rom": 1.43, "one": 12.9, "quotient": 1.04, "ram": 0.958, "rom": 1.72,
                "round": 1.02, "scales": 1.09, "tree": 1.46,
            },
            "ff": {
                "acc": 0.477, "block_acc": 2.53, "block_tree": 0.674, "booth": 0.723, "count": 0.976, "curve": 2.03,
                "delay": 1.23, "one": 2.06, "product": 0.176, "quotient": 1.07, "ram": 0.883, "rom": 0.573, "tree":
                2.37, "x": 0.689,
            },
        },
        "hwc_lut": {
            "lut": {"address": 0.311, "deep_rom": 1.32, "one": 3.38, "rom": 0.946},
            "ff": {"address": 1.01, "one": 1.79, "rom": 1.0},
        },
        "hwc_matmul": {
            "lut": {
                "acc": 1.72, "block_acc": 0.117, "booth": 1.17, "booth_first": 1.1, "count": 0.638, "one": 16.4,
                "ram": 0.908, "ring": 1.85, "zero": 0.586,
            },
            "ff": {
                "acc": 1.66, "block_acc": 0.0256, "booth": 0.947, "count": 0.867, "product": 0.152, "ram": 0.918,
                "ring": 1.39, "x": 0.175,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 0.64, "block_acc": 0.123, "block_tree": 0.625, "booth": 0.895, "booth_first": 1.84, "borrow":
                2.21, "constant": 0.506, "corrected": 0.597, "count": 2.13, "deep_rom": 2.85, "ram": 0.888, "ring":
                1.62, "rom": 1.35, "shift": 1.15, "soft": 2.36, "tree": 0.403,
            },
            "ff": {
                "acc": 1.02, "block_acc": 0.0321, "block_tree": 0.466, "booth": 1.42, "constant": 0.985,
                "corrected": 0.85, "count": 1.95, "delay": 1.08, "full": 0.85, "operand": 0.256, "own": 1.03, "ram":
                1.37, "ring": 0.689, "rom": 0.789, "soft": 2.09, "tree": 0.852, "weights": 0.0159, "x": 0.136,
            },
        },
        "hwc_pad": {
            "lut": {"beat": 0.32, "count": 1.15},
            "ff": {"beat": 1.02, "count": 1.12, "one": 2.14},
        },
        "hwc_permute": {
            "lut": {"count": 1.68, "deep_rom": 3.51, "one": 9.74, "ram": 1.01, "rom": 0.905},
            "ff": {"count": 1.02, "one": 6.73, "ram": 1.0, "rom": 1.0},
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
                "acc": 0.313, "block_tree": 0.173, "booth": 0.817, "booth_first": 1.45, "constant": 0.876, "count":
                11.4, "far": 1.71, "lowered": 1.25, "negative": 0.314, "rom": 1.16, "shift": 4.38, "tie": 0.801,
                "tree": 0.81,
            },
            "ff": {
                "acc": 1.96, "alone": 0.0152, "block_tree": 0.241, "booth": 0.78, "constant": 0.654, "count": 1.7,
                "negative": 0.91, "rom": 0.933, "tree": 0.72, "valid": 0.317, "x": 0.238,
            },
        },
        "hwc_serial": {
            "lut": {"apart": 0.795, "constant": 0.0484, "control": 0.664, "one": 18.7, "sum": 1.1},
            "ff": {"control": 0.993, "one": 12.1, "registers": 1.0, "words": 0.922},
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
            "lut": {"one": 7.03, "slice": 1.0},
            "ff": {"one": 2.96, "slice": 1.0, "spare": 1.0},
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
            "lut": {"choose": 1.23, "count": 1.95, "slice": 1.07},
            "ff": {"count": 0.76, "load": 0.999, "move": 1.0, "one": 0.878, "slice": 1.01, "spare": 1.01},
        },
        "hwc_window": {
            "lut": {"count": 0.414, "gap": 0.669, "ram": 1.04, "wait": 2.5},
            "ff": {"count": 0.476, "gap": 1.35, "ram": 1.02, "taps": 1.02, "wait": 0.998},
        },
    },
    Family.XCUP: {
        "hwc_binary": {
            "lut": {"compare": 0.588, "greater": 1.02, "one": 6.51, "sum": 0.985, "zero": 0.919},
            "ff": {"greater": 0.988, "one": 3.81, "product": 1.04, "sum": 0.989, "x": 1.01},
        },
        "hwc_dwu": {
            "lut": {
                "acc": 1.36, "block_acc": 0.918, "block_tree": 1.01, "booth": 1.15, "booth_first": 0.341, "count":
                1.54, "deep_rom": 3.64, "rom": 1.25, "tree": 1.38,
            },
            "ff": {
                "acc": 1.32, "block_acc": 1.19, "block_tree": 0.847, "booth": 0.839, "count": 0.684, "delay": 0.105,
                "lut_weights": 0.925, "one": 4.11, "product": 1.01, "rom": 1.01, "tree": 0.656, "weights": 1.13,
                "x": 1.04,
            },
        },
        "hwc_log_softmax": {
            "lut": {"count": 1.48, "deep_rom": 2.61, "one": 924.0, "ram": 0.571},
            "ff": {"count": 3.23, "one": 667.0, "ram": 8.51, "rom": 1.95},
        },
        "hwc_lstm": {
            "lut": {
                "acc": 1.19, "block_acc": 0.901, "block_tree": 0.958, "booth": 1.24, "booth_first": 0.327, "count":
                0.226, "deep_rom": 1.55, "quotient": 0.812, "ram": 0.906, "rom": 1.51, "round": 0.875, "scales":
                0.795, "tree": 1.2,
            },
            "ff": {
                "block_acc": 0.991, "block_tree": 1.23, "booth": 0.809, "count": 0.911, "lut_weights": 0.177,
                "product": 1.23, "quotient": 0.312, "ram": 0.934, "rom": 0.853, "shift": 1.44, "tree": 1.68,
                "weights": 1.03, "x": 0.633,
            },
        },
        "hwc_matmul": {
            "lut": {
                "acc": 1.78, "block_acc": 2.0, "booth": 1.13, "booth_first": 0.979, "count": 0.873, "one": 15.7,
                "ram": 1.01, "ring": 1.69, "zero": 0.343,
            },
            "ff": {
                "acc": 1.34, "block_acc": 1.06, "booth": 0.942, "count": 0.694, "product": 1.17, "ram": 0.769,
                "ring": 1.15, "x": 1.2,
            },
        },
        "hwc_mvu": {
            "lut": {
                "acc": 0.552, "block_acc": 0.703, "block_tree": 1.23, "booth": 0.911, "booth_first": 1.61, "borrow":
                1.89, "constant": 0.498, "corrected": 0.587, "count": 2.48, "deep_rom": 2.69, "ram": 0.895, "ring":
                2.32, "rom": 1.4, "soft": 2.43, "tree": 0.532,
            },
            "ff": {
                "acc": 0.959, "block_acc": 0.988, "block_tree": 1.14, "booth": 1.21, "constant": 1.07, "corrected":
                1.05, "count": 2.41, "full": 1.05, "lut_weights": 1.15, "operand": 0.995, "own": 0.808, "product":
                1.2, "ram": 1.08, "ring": 0.859, "rom": 0.949, "shift": 0.842, "soft": 1.64, "tree": 0.63,
                "weights": 1.05, "x": 0.385,
            },
        },
        "hwc_requant": {
            "lut": {
                "acc": 0.131, "block_tree": 0.9, "booth": 0.828, "booth_first": 1.35, "clamp": 0.06, "constant":
                0.882, "count": 9.59, "far": 1.67, "lane": 1.54, "lowered": 0.836, "negative": 0.583, "one": 10.2,
                "rom": 1.22, "shift": 4.87, "tie": 0.492, "tree": 0.995,
            },
            "ff": {
                "acc": 1.34, "alone": 0.218, "block_tree": 0.505, "booth": 0.71, "clamp": 1.9, "constant": 0.592,
                "count": 0.548, "delay": 5.87, "negative": 0.736, "one": 8.24, "product": 0.821, "rom": 0.857,
                "tree": 2.66, "valid": 0.154, "x": 0.672,
            },
        },
        "hwc_softmax": {
            "lut": {"deep_rom": 1.93, "one": 452.0, "ram": 0.02},
            "ff": {"count": 3.93, "one": 444.0, "ram": 5.99, "rom": 1.63},
        },
    },
}
"""By family, module, and "lut" or "ff"."""
