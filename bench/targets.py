"""Every quantised model through one target: each value of the code that was made, against the integer graph.

    python -m bench.targets --target tvm [--machine x86-vnni] [--models kws,ic]
    python -m bench.targets --target hls

The hls target leaves out MobileNetV2 and EfficientNet-Lite, whose networks are larger than any device. Rungs are those
of `hwcomp verify`: the certificates, `evaluate` on both levels, and the code on this machine. Needs HWCOMP_MODELS.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.models import BIG, QUANTISED, folder
from hwcomp import driver
from hwcomp.verify.ladder import verify_bundle

OPTIONS = {"tvm": {}, "hls": {"max-bram": "600", "max-lut": "400000"}}
RUNGS = {"tvm": ("proof", "evaluate", "tvm", "host"), "hls": ("proof", "evaluate", "hls")}
UINT8 = ("coral_mobilenet_v1_0.25_128_quant.tflite", "coral_mobilenet_v2_1.0_224_quant.tflite")
"""TFLite-Micro has no kernels for these; LiteRT's reference has."""


def verified(file: str, target: str, options: dict[str, str]) -> dict[str, str]:
    """The verdict of each rung for one model."""
    with TemporaryDirectory() as holder:
        bundle = Path(holder) / "bundle"
        reference = "litert" if file in UINT8 else None
        driver.build(
            folder() / "models" / file, target, bundle, driver.BuildOptions(reference=reference, target_options=options)
        )
        return {result.name: result.verdict for result in verify_bundle(bundle, RUNGS[target])}


def main() -> int:
    """A line for each model; 1 where a verdict is not "equal"."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--target", choices=sorted(RUNGS), required=True)
    reader.add_argument("--machine", default="x86-vnni", help="of tvm")
    reader.add_argument("--models", default="", help="parts of file names, by commas; all by default")
    given = reader.parse_args()
    options = OPTIONS[given.target] | ({"tvm-target": given.machine} if given.target == "tvm" else {})
    wanted = [file for file in QUANTISED if any(part in file for part in given.models.split(","))]
    bad = 0
    for file in wanted:
        if given.target == "hls" and file.startswith(BIG):
            continue
        start = time.perf_counter()
        verdicts = verified(file, given.target, options)
        bad += any(verdict != "equal" for verdict in verdicts.values())
        said = ", ".join(f"{rung} {verdict}" for rung, verdict in verdicts.items())
        sys.stdout.write(f"{file}: {said} ({time.perf_counter() - start:.0f} s)\n")
        sys.stdout.flush()
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
