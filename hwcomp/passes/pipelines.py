"""The pipelines: which passes run, in which order."""

from __future__ import annotations

from hwcomp.passes import (
    cancel_transposes,
    check_certificates,
    eliminate_dead,
    find_papercuts,
    fold_constants,
    fold_dead_channels,
    fold_identity_requants,
    fold_permutation_into_dense,
    infer_ranges,
    merge_pads,
    merge_reshapes,
    sink_depth_to_space,
    tabulate,
)
from hwcomp.passes.base import Pipeline
from hwcomp.passes.synthesize_requant import synthesis_pass
from hwcomp.prove.synthesize import Policy, ShiftPreference

CANONICALISE = (
    eliminate_dead.PASS,
    fold_constants.PASS,
    sink_depth_to_space.PASS,
    cancel_transposes.PASS,
    merge_reshapes.PASS,
    fold_permutation_into_dense.PASS,
    merge_pads.PASS,
    fold_identity_requants.PASS,
    tabulate.PASS,
    eliminate_dead.PASS,
    infer_ranges.PASS,
)
"""Level.QUANT to Level.QUANT: layout, padding and tables, while every rescale is still the source's own."""


def to_integer(policy: Policy = Policy.LISTED, preference: ShiftPreference | None = None) -> Pipeline:
    """Level.QUANT to Level.INTEGER: canonicalise, prove every rescale, fold constant channels, check the proofs."""
    return Pipeline(
        (
            *CANONICALISE,
            synthesis_pass(policy, preference),
            find_papercuts.PASS,
            fold_identity_requants.PASS,
            fold_dead_channels.PASS,
            eliminate_dead.PASS,
            infer_ranges.PASS,
            check_certificates.PASS,
        )
    )
