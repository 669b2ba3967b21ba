"""The ONNX front end: QDQ and QOperator models become quant-level graphs."""

from __future__ import annotations

from hwcomp.frontends.onnx.read import read

__all__ = ["read"]
