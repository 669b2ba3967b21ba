"""The designs whose estimates `bench.fpga_cost --designs` holds against synthesis: models, goals, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.fpga_cnn import write_model
from bench.models import ROOT, folder
from hwcomp import driver
from hwcomp.targets.dataflow.boards import Board
from hwcomp.targets.dataflow.estimate.family import Family

BOARDS = {Family.ECP5: Board.ECP5, Family.XC7: Board.ZYNQ7020, Family.XCUP: Board.ZU3EG}


@dataclass(frozen=True, slots=True)
class DesignCase:
    """file: of the model, "" for the small CNN; options: of the target."""

    name: str
    file: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])


DESIGNS = (
    DesignCase("digits-16384", "digits_qdq.onnx", {"interval": "16384"}),
    DesignCase("digits-4096", "digits_qdq.onnx", {"interval": "4096"}),
    DesignCase("digits-4096-no-multipliers", "digits_qdq.onnx", {"interval": "4096", "max-dsp": "1"}),
    DesignCase("cnn-2884", "", {"interval": "2884", "max-dsp": "11"}),
    DesignCase("micro_speech-50000", "tflm_micro_speech_int8.tflite", {"interval": "50000"}),
    DesignCase("hey_jarvis-4000", "mww_v2_hey_jarvis.tflite", {"interval": "4000"}),
    DesignCase("ad-30000", "mlperf_ad_ae_int8.tflite", {"interval": "30000"}),
    DesignCase("kws-30000", "mlperf_kws_dscnn_int8.tflite", {"interval": "30000"}),
    DesignCase("kws-200000", "mlperf_kws_dscnn_int8.tflite", {"interval": "200000"}),
    DesignCase("ic-800000", "mlperf_ic_resnet8_int8.tflite", {"interval": "800000"}),
)


def build_designs(names: tuple[str, ...], family: Family, out: Path) -> Iterator[Path]:
    """The bundles of these designs for the board of `family`, one after the other, each in a folder of its name."""
    for case in DESIGNS:
        if names and case.name not in names:
            continue
        own = ROOT / "models" / case.file
        model = own if case.file and own.is_file() else folder() / "models" / case.file
        if not case.file:
            model = out / "cnn.onnx"
            write_model(model)
        options = {"board": BOARDS[family].value, **case.options}
        driver.build(model, "fpga", out / case.name, driver.BuildOptions(target_options=options))
        yield out / case.name
