"""Print the accuracy of two models on real data through the integer graph: `python -m bench.accuracy [--rows N]`.

Keyword spotting: all 1,000 official samples, outputs compared with those of TFLite-Micro. MNIST: the first 2,000 test
digits through the LSTM. The integer graph runs through the interpreter, dot operators by its fast path.
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.models import folder
from hwcomp import driver
from hwcomp.ir.graph import Interpreter

KWS_MODEL, KWS_DATA = "mlperf_kws_dscnn_int8.tflite", "kws01.npz"
KWS_EXPECTED = "full_kws01_mlperf_kws_dscnn_int8_tflm.npz"
LSTM_MODEL, MNIST_DATA, MNIST_ROWS = "tflm_mnist_lstm_int8.tflite", "mnist_t10k_0_4999.npz", 2000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of `rows` samples `correct` got their label; `differ` of `outputs` values are not the reference's, -1 unknown."""

    model: str
    rows: int
    correct: int
    outputs: int
    differ: int


def outputs_of(file: str, x: NDArray[np.integer]) -> NDArray[np.int64]:
    """The integer graph's output for each row of x, [rows, classes]; states start anew for each."""
    graph = driver.inspect(folder() / "models" / file)
    interpreter, port = Interpreter(graph, fast=True), graph.inputs[0]
    shape = graph.values[port.value].shape
    result = []
    for row in x:
        interpreter.reset()
        result.append(interpreter.run({port.name: row.reshape(shape).astype(np.int64)})[graph.outputs[0].value])
    return np.stack(result).reshape(len(x), -1)


def keyword_spotting(rows: int | None = None) -> Accuracy:
    """MLPerf Tiny's official set, int8 inputs as they are."""
    data = np.load(folder() / "data" / KWS_DATA)
    expected = np.load(folder() / "expected" / KWS_EXPECTED)["y"][:rows]
    x, labels = data["x"][:rows], data["y"][:rows]
    got = outputs_of(KWS_MODEL, x)
    correct = int((got.argmax(axis=1) == labels).sum())
    return Accuracy(KWS_MODEL, len(x), correct, got.size, int((got != expected).sum()))


def mnist_lstm(rows: int | None = MNIST_ROWS) -> Accuracy:
    """Pixels p of 0..255 stand for p / 255 at scale 1/255 and zero point -128, so the level is p - 128."""
    data = np.load(folder() / "data" / MNIST_DATA)
    x, labels = data["x"][:rows].astype(np.int64) - 128, data["y"][:rows]
    got = outputs_of(LSTM_MODEL, x)
    return Accuracy(LSTM_MODEL, len(x), int((got.argmax(axis=1) == labels).sum()), got.size, -1)


def main() -> None:
    """Measure and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=None, help="only the first rows")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    for found in (keyword_spotting(options.rows), mnist_lstm(options.rows or MNIST_ROWS)):
        differ = "" if found.differ < 0 else f", {found.differ} of {found.outputs} outputs differ from TFLite-Micro"
        sys.stdout.write(
            f"{found.model}: {found.correct} of {found.rows} correct ({found.correct / found.rows:.2%}){differ}\n"
        )


if __name__ == "__main__":
    main()
