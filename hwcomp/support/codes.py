"""The error codes: one line each. A code is stable, it never changes its meaning and is never given again.

Ranges: 0xx usage and files, 1xx unsupported, 2xx malformed or hostile models, 3xx exactness, 4xx the targets (42x:
fpga), 5xx verification, 6xx missing tools. `hwcomp explain CODE` prints these lines; `tests/errors/` holds a case for
each.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # 0xx: usage and files
    "HWC001": "the file or folder does not exist or cannot be read",
    "HWC002": "the file is of no format that hwcomp reads (.onnx, .tflite)",
    "HWC003": "the output folder exists and is not a hwcomp bundle",
    "HWC004": "the output folder cannot be written",
    "HWC005": "no target, rung or reference has this name",
    "HWC006": "an option of the target has an unknown name or a value it cannot take",
    "HWC007": "the folder is not a hwcomp bundle, or its manifest cannot be read",
    "HWC008": "the inputs given do not fit the model's inputs (name, shape, type or range)",
    "HWC009": "the input file holds no arrays that can be read",
    "HWC010": "no error code has this name",
    "HWC011": "the command cannot be used this way",
    "HWC012": "the suite is no TOML, or a key of it is unknown, missing or wrong",
    "HWC013": "the history of the suite's runs cannot be used",
    "HWC014": "no job of the suite is chosen",
    "HWC015": "the liberty file cannot be used for synthesis",
    "HWC016": "an input's quantisation is malformed, or of no float input",
    # 1xx: unsupported operators or attributes
    "HWC101": "an attribute of the operator has a value that is not lowered",
    "HWC102": "the operator is not supported",
    "HWC103": "the operator is not quantised: floats reach it",
    "HWC104": "a tensor has a type that is not supported",
    "HWC105": "a shape is not static and cannot be made so",
    "HWC106": "the target does not implement this operator or this form of it",
    "HWC107": "an operator set or schema version is not supported",
    "HWC108": "a value that must be a constant is computed at run time",
    # 2xx: malformed or hostile models
    "HWC201": "the file is truncated or is not a valid model",
    "HWC202": "a scale is NaN",
    "HWC203": "a scale is zero",
    "HWC204": "a scale is negative",
    "HWC205": "a scale is infinite",
    "HWC206": "a scale is denormal, so products of scales lose all precision",
    "HWC207": "a zero point lies outside its type or has another type than its tensor",
    "HWC208": "a dimension is negative or zero",
    "HWC209": "a shape is too large to be compiled",
    "HWC210": "the graph has a cycle",
    "HWC211": "external data lies outside the model's folder",
    "HWC212": "a value is used but never defined",
    "HWC213": "a value is defined more than once",
    "HWC214": "operand shapes do not agree",
    "HWC215": "the number of scales or zero points does not agree with the axis",
    "HWC216": "an axis lies outside the tensor's rank",
    "HWC217": "the bytes of a constant do not agree with its shape and type",
    "HWC218": "the operator has too few or too many inputs or outputs",
    "HWC219": "an attribute is missing or has the wrong type",
    "HWC220": "external data is missing or shorter than the model says",
    "HWC221": "a constant holds NaN or infinity",
    "HWC222": "the model has no output, or an output that nothing computes",
    # 3xx: exactness
    "HWC301": "strict: a rescale has no multiplier that equals the reference on every reachable value",
    "HWC302": "no integer rescale within the allowed widths follows the reference",
    "HWC303": "the accumulator does not fit 64 bits on the reachable range",
    "HWC304": "the reference does not describe this kind of model",
    "HWC305": "a certificate does not hold",
    # 4xx: the mcu target
    "HWC401": "the model does not fit the memory given for the target",
    "HWC402": "an accumulator needs more bits than the target's kernels have",
    "HWC403": "no kernel of the target takes these types",
    # 42x: the fpga target
    "HWC420": "no folding of the model is as fast as asked",
    "HWC421": "the design that was asked for needs more than the device, or the limits given, have",
    "HWC422": "no folding that fits gives its result as soon as asked",
    # 5xx: verification
    "HWC501": "the emitted code and the integer graph differ",
    "HWC502": "the emitted code did not compile",
    "HWC503": "the emitted code did not finish, or its output cannot be read",
    # 6xx: missing tools
    "HWC601": "an outside tool that this command needs is missing",
    "HWC602": "a Python package of an optional extra is missing",
}
