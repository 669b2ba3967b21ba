"""The jet tagger as da4ml builds it; run by a Python that has da4ml 0.6: `python -P bench/da4ml_jet.py NPZ FOLDER`.

NPZ: w0 .. w3 [inputs, outputs] and b0 .. b3 as real numbers, x [rows, 16] and y [rows, 5]. Writes Verilog of a pipeline
with at most two units of latency between registers (15 stages) to FOLDER; prints seconds from the weights to the files,
then how many rows its interpreter gives otherwise.
"""

# pyright: basic
# mypy: ignore-errors

from __future__ import annotations

import sys
import time

import numpy as np
from da4ml.codegen import RTLModel
from da4ml.trace import FixedVariableArray, HWConfig, comb_trace

data = np.load(sys.argv[1])
start = time.perf_counter()
ones = np.ones(16, np.int64)
x = FixedVariableArray.from_kif(ones, 2 * ones, 5 * ones, HWConfig(1, -1, -1), 0.0, {"hard_dc": 2})
y = x
for layer in range(4):
    y = y @ data[f"w{layer}"] + data[f"b{layer}"]
    if layer < 3:
        y = y.quantize(0, 0, 6, "SAT", "RND")
made = comb_trace(x, y)
RTLModel(made, "jet", sys.argv[2], latency_cutoff=2).write()
print(f"{time.perf_counter() - start:.2f}", int((made.predict(data["x"]) != data["y"]).any(axis=1).sum()))
