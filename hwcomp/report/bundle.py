"""What a bundle says of itself: its layers and its proofs, read from its manifest and its certificates."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import items, record, text, whole
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.targets.dataflow.boards import DEVICES, Board
from hwcomp.targets.dataflow.estimate.calibration import Spread, spreads

CERTIFICATES = "certificates.json.gz"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One call of a kernel. what: the user's operator and its types; macs: multiplications of one run."""

    what: str
    kernel: str
    macs: int
    scratch_bytes: int


@dataclass(frozen=True, slots=True)
class KernelRow:
    """Another kernel that a layer could have. note: "too slow", or nothing; estimate: by resource, of it alone."""

    kernel: str
    note: str
    interval_cycles: int
    estimate: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FoldRow:
    """One layer of a streaming design. kernel: "-" where there is but one; fold: its lanes and units; interval_cycles:
    clocks between frames, predicted; rate: multiply-accumulates a multiplier and clock, "-" without any; estimate: by
    resource; instances: its modules in the core."""

    what: str
    kernel: str
    fold: str
    interval_cycles: int
    rate: str
    estimate: Mapping[str, int]
    instances: tuple[str, ...]
    others: tuple[KernelRow, ...]


@dataclass(frozen=True, slots=True)
class OtherDesign:
    """Another folding that could be built. kind: "cheaper" or "faster"; resources are estimates."""

    kind: str
    interval_cycles: int
    latency_cycles: int
    lut: int
    ff: int
    dsp: int
    bram: int


@dataclass(frozen=True, slots=True)
class DesignReport:
    """What a streaming design is predicted to take: clocks between frames and from beat to result, resources.

    past: by how much estimates were off for designs of the board's family that were synthesised; none for an ASIC.
    """

    interval_cycles: int
    latency_cycles: int
    estimate: Mapping[str, int]
    folds: tuple[FoldRow, ...]
    rate: str
    others: tuple[OtherDesign, ...]
    past: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One rescale: the user's operator, widest multiplier in bits, shift c, reference, verdict, and how many reachable
    accumulators differ from the reference."""

    node: str
    mult_bits: int
    shift: int
    reference: str
    verdict: str
    exceptions: int


@dataclass(frozen=True, slots=True)
class BundleReport:
    """constant_bytes: weights, biases, tables; arena_bound_bytes: no plan needs less; None: the bundle does not say.

    layers: of a bundle of C; design: of a bundle of RTL.
    """

    manifest: Manifest
    macs: int | None
    constant_bytes: int | None
    arena_bound_bytes: int | None
    layers: tuple[LayerRow, ...]
    design: DesignReport | None
    proofs: tuple[ProofRow, ...]


def read_report(bundle: Path) -> BundleReport:
    """The report of the bundle in the folder `bundle`.

    Raises:
        HwcompError: HWC007 it is no bundle, or what it holds cannot be read.
    """
    manifest = read_manifest(bundle)
    is_design, layers = "interval_cycles" in manifest.extra, manifest.extra.get("layers", [])
    try:
        proofs = json.loads(gzip.decompress((bundle / CERTIFICATES).read_bytes()))
        return BundleReport(
            manifest=manifest,
            macs=_optional_int(manifest.extra, "macs"),
            constant_bytes=_optional_int(manifest.extra, "constant_bytes"),
            arena_bound_bytes=_optional_int(record(manifest.extra.get("arena", {})), "lower_bound_bytes"),
            layers=() if is_design else tuple(_layer(record(item)) for item in items(layers)),
            design=_design(manifest.extra) if is_design else None,
            proofs=tuple(_proof(record(item)) for item in items(record(proofs)["requants"])),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, RecursionError) as error:
        fix = "build the bundle again with 'hwcomp build'"
        what = f"its layers or proofs cannot be read: {type(error).__name__} {error}"
        raise HwcompError("HWC007", what, str(bundle), fix) from error


def _layer(fields: Mapping[str, object]) -> LayerRow:
    return LayerRow(
        text(fields["what"]),
        str(fields.get("kernel") or "-"),
        whole(fields["macs"]),
        whole(fields["scratch_bytes"]),
    )


def _design(extra: Mapping[str, object]) -> DesignReport:
    folds = [record(item) for item in items(extra["layers"])]
    board = record(extra["options"]).get("board")
    return DesignReport(
        interval_cycles=whole(extra["interval_cycles"]),
        latency_cycles=whole(extra["latency_cycles"]),
        estimate={name: whole(value) for name, value in record(extra["estimate"]).items()},
        folds=tuple(_fold(fold) for fold in folds),
        rate=text(extra["macs_per_multiplier"]),
        others=tuple(_other(record(item)) for item in items(extra["alternatives"])),
        past=spreads(DEVICES[Board(text(board))].family) if board is not None else (),
    )


def _fold(fields: Mapping[str, object]) -> FoldRow:
    return FoldRow(
        what=text(fields["what"]),
        kernel=text(fields["kernel"]),
        fold=text(fields["fold"]),
        interval_cycles=int(text(fields["interval"]).replace(",", "")),
        rate=text(fields["macs_per_multiplier"]),
        estimate={name: whole(value) for name, value in record(fields["estimate"]).items()},
        instances=tuple(text(name) for name in items(fields["instances"])),
        others=tuple(_kernel(record(item)) for item in items(fields["other_kernels"])),
    )


def _kernel(fields: Mapping[str, object]) -> KernelRow:
    estimate = {name: whole(fields[name]) for name in ("lut", "ff", "dsp", "bram")}
    return KernelRow(text(fields["kernel"]), text(fields["note"]), whole(fields["interval_cycles"]), estimate)


def _other(fields: Mapping[str, object]) -> OtherDesign:
    names = ("interval_cycles", "latency_cycles", "lut", "ff", "dsp", "bram")
    kind = text(fields["kind"]) + ("" if fields["fits"] is True else ", does not fit")
    return OtherDesign(kind, *(whole(fields[name]) for name in names))


def _proof(fields: Mapping[str, object]) -> ProofRow:
    mults = [whole(items(row)[0]) for row in items(fields["rows"])]
    return ProofRow(
        node=text(fields["name"]),
        mult_bits=max((abs(mult).bit_length() for mult in mults), default=0),
        shift=whole(fields["shift"]),
        reference=text(fields["reference"]),
        verdict=text(fields["verdict"]),
        exceptions=whole(fields["exceptions"]),
    )


def _optional_int(fields: Mapping[str, object], key: str) -> int | None:
    return whole(fields[key]) if key in fields else None
