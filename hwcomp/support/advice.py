"""What to do about an error code in general. The error itself names the operator and says it more exactly."""

from __future__ import annotations

from hwcomp.support.codes import CODES

_BAD_SCALE = (
    "a calibration range collapsed or overflowed: calibrate again with representative data, and remove layers whose "
    "output is constant"
)

_BY_CODE: dict[str, str] = {
    "HWC001": "check the path; a relative one starts at the current folder",
    "HWC002": "export the model as .onnx (QDQ) or .tflite (int8)",
    "HWC003": "give a new or empty folder with '-o', or '--force' to replace what is there",
    "HWC004": "give a folder you may write with '-o'",
    "HWC005": "run 'hwcomp targets' for targets and references, 'hwcomp verify --help' for rungs",
    "HWC006": "run 'hwcomp targets' for the options of each target and their values",
    "HWC007": "name the folder that 'hwcomp build -o' wrote, or build it again",
    "HWC008": "run 'hwcomp report BUNDLE' for the names, shapes and types of the inputs",
    "HWC009": "save the inputs by name: numpy.savez('inputs.npz', image=array)",
    "HWC010": "run 'hwcomp explain' for the list of codes",
    "HWC011": "use strict, listed or fast",
    "HWC012": "see docs/regress.md for the keys of each table",
    "HWC013": "wait for the other run's end, move the file away, or give another with '--history'",
    "HWC014": "run 'hwcomp regress SUITE --list' for the names of the jobs",
    "HWC015": "give the .lib of a standard-cell library, one corner of it",
    "HWC016": "write [NAME=]TYPE:SCALE[:ZERO], such as --input u8:1/255 or --input 'x=s8:2^-5'",
    "HWC102": "replace the operator by those in docs/formats.md",
    "HWC103": "quantise every operator between input and output: put QuantizeLinear and DequantizeLinear around it",
    "HWC104": "quantise the whole model to 8 or 16 bits, its inputs and outputs too",
    "HWC105": "export with static shapes; only the first dimension (the batch) may be symbolic",
    "HWC106": "run 'hwcomp targets' for another target, or export the operator in another form",
    "HWC107": "convert the model: onnx.version_converter.convert_version(model, 13)",
    "HWC108": "export with constants folded, or simplify the model (onnxsim) before",
    "HWC201": "copy or export the file again; check its size, and that Git LFS pointers were replaced by the files",
    "HWC202": _BAD_SCALE,
    "HWC203": _BAD_SCALE,
    "HWC204": _BAD_SCALE,
    "HWC205": _BAD_SCALE,
    "HWC206": _BAD_SCALE,
    "HWC207": "quantise the model again with one type for each tensor",
    "HWC209": "export with a smaller input or layer",
    "HWC211": "put the data file beside the model, or save the model with its data inside",
    "HWC220": "copy the data file whole beside the model, or save the model with its data inside",
    "HWC221": "train the model again, and look at its weights before you export",
    "HWC301": "build with '--exact listed' to see the values that differ, or name the runtime you use by '--reference'",
    "HWC302": "name another '--reference'; 'hwcomp inspect' shows which rescale it is",
    "HWC303": "quantise with smaller weights or activations, or split the layer",
    "HWC304": "leave '--reference' out, or name one that 'hwcomp targets' lists for this kind of file",
    "HWC305": "this is a fault of hwcomp: please report it, with the text that 'hwcomp inspect' prints",
    "HWC401": "give the target more memory by its options, or shrink the largest activation: 'hwcomp report' names it",
    "HWC402": "quantise activations to 8 bits, or split the layer along its input channels",
    "HWC403": "quantise weights to 8 bits and activations to 8 or 16",
    "HWC501": "run the printed command and report it, with the model: the code must never differ from the graph",
    "HWC502": "build the bundle again, then try another compiler by HWCOMP_CC or HWCOMP_ARM_CC",
    "HWC503": "give fewer rows, or build the bundle again",
    "HWC601": "run 'hwcomp doctor': it says which tools are missing and how to get each",
    "HWC602": "install the extra it belongs to, such as: pip install 'hwcomp[mcu]'",
}

_BY_RANGE: dict[str, str] = {
    "0": "check the names and paths on the command line; 'hwcomp COMMAND --help' shows an example",
    "1": "export the model without this form of the operator, or choose a target that has it ('hwcomp targets')",
    "2": "the model is damaged or was exported wrongly: run its exporter's checker, then export it again",
    "3": "run 'hwcomp inspect' to see each rescale, then choose another '--reference' or '--exact' policy",
    "4": "choose other target options, or a smaller model",
    "5": "run the printed command to see it again, and report it with the model",
    "6": "run 'hwcomp doctor'",
}


def advice(code: str) -> str:
    """What a user can do about `code`, a key of `CODES`."""
    assert code in CODES, code
    return _BY_CODE.get(code, _BY_RANGE[code[3]])
