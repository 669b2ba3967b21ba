"""Resource variables: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE, CALL_ONCE. Each variable is a state of the graph."""

from __future__ import annotations

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers.layout import MOVED
from hwcomp.frontends.tflite.options import CallOptions, VariableOptions
from hwcomp.frontends.tflite.records import DType, SourceGraph, SourceOp, SourceTensor, short
from hwcomp.ir.graph import State
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import Location

INITIALISERS = ("VAR_HANDLE", "ASSIGN_VARIABLE")


def _name(options: VariableOptions) -> str:
    return "/".join(part for part in (options.container, options.shared_name) if part) or "variable"


def convert_call_once(ctx: Context, op: SourceOp) -> None:
    """CALL_ONCE: the subgraph assigns constants to variables; they are the states' values at reset."""
    assert isinstance(op.options, CallOptions)
    number = op.options.subgraph
    if not 0 < number < len(ctx.model.graphs):
        ctx.fail(op, "HWC201", f"it calls subgraph {number} of {len(ctx.model.graphs)}", "export the model again")
    graph = ctx.model.graphs[number]
    handles: dict[int, str] = {}
    for inner in graph.ops:
        where = f"operator {inner.index} ({inner.kind}) of the initialisation"
        if inner.kind not in INITIALISERS:
            ctx.fail(op, "HWC102", f"{where} is not lowered", "initialise variables with constants alone")
        if inner.kind == "VAR_HANDLE" and inner.outputs:
            assert isinstance(inner.options, VariableOptions)
            handles[inner.outputs[0]] = _name(inner.options)
        elif inner.kind == "ASSIGN_VARIABLE":
            _initialise(ctx, op, graph, inner, handles, where)


def _initialise(
    ctx: Context, op: SourceOp, graph: SourceGraph, inner: SourceOp, handles: dict[int, str], where: str
) -> None:
    if len(inner.inputs) != 2 or inner.inputs[0] not in handles:
        ctx.fail(op, "HWC218", f"{where} names no variable", "export the model again")
    tensor = graph.tensors[inner.inputs[1]] if inner.inputs[1] >= 0 else None
    if tensor is None or not tensor.is_constant or tensor.dtype not in MOVED:
        ctx.fail(op, "HWC108", f"{where} assigns no integer constant", "initialise variables with constants alone")
    ctx.initials[handles[inner.inputs[0]]] = tensor


def convert_var_handle(ctx: Context, op: SourceOp) -> None:
    """VAR_HANDLE names a variable."""
    assert isinstance(op.options, VariableOptions)
    ctx.variables[ctx.output(op).index] = _name(op.options)


def _state(ctx: Context, op: SourceOp, tensor: SourceTensor) -> str:
    """The state of the operator's variable, made at its first use, in the quantisation of `tensor`."""
    handle = ctx.tensor(op, 0)
    name = ctx.variables.get(handle.index)
    if name is None:
        ctx.fail(op, "HWC212", f"'{short(handle.name)}' is no variable", "export the model again")
    ctx.require_quantized(op, tensor, MOVED)
    wanted = ctx.type_of(tensor)
    state = ctx.builder.states.get(name)
    if state is None:
        state = State(name, wanted, _initial(ctx, op, name, tensor))
        ctx.builder.state(state)
    if state.type != wanted:
        ctx.fail(op, "HWC214", f"the variable is {state.type}, here {wanted}", "export the model again")
    return name


def _initial(ctx: Context, op: SourceOp, name: str, tensor: SourceTensor) -> tuple[int, ...]:
    """The constant assigned by CALL_ONCE, else the zero point in each byte, as TFLite-Micro fills new variables."""
    given = ctx.initials.get(name)
    if given is None:
        if tensor.dtype is DType.INT16 and tensor.zero_point:
            what = f"the int16 variable '{short(name)}' is not initialised and has zero point {tensor.zero_point}"
            ctx.fail(op, "HWC101", what, "initialise the variable by CALL_ONCE")
        return (tensor.zero_point,)
    if (given.shape, given.dtype) != (tensor.shape, tensor.dtype):
        what = f"'{short(name)}' is initialised as {given.dtype_name}{list(given.shape)}, used as {list(tensor.shape)}"
        ctx.fail(op, "HWC214", what, "export the model again")
    flat = given.data().reshape(-1)
    return (int(flat[0]),) if (flat == flat[0]).all() else tuple(int(v) for v in flat)


def convert_read_variable(ctx: Context, op: SourceOp) -> None:
    """READ_VARIABLE: what this inference has assigned already, else the state; unassigned, the state keeps it."""
    y = ctx.output(op)
    name = _state(ctx, op, y)
    if name not in ctx.written:
        ctx.written[name] = ctx.add(StateRead(**ctx.at(op, y.name), state=name, type=ctx.type_of(y)))
    ctx.bind(op, y, ctx.written[name])


def convert_assign_variable(ctx: Context, op: SourceOp) -> None:
    """ASSIGN_VARIABLE: the last value assigned is written at the end of the inference."""
    value = ctx.activation(op, 1, MOVED)
    ctx.written[_state(ctx, op, ctx.tensor(op, 1))] = value


def write_states(ctx: Context) -> None:
    """One StateWrite for each state that was assigned."""
    for state, value in ctx.written.items():
        loc = Location(ctx.model.source, state, "ASSIGN_VARIABLE")
        ctx.builder.add(StateWrite(name=f"{state}/write", inputs=(value,), outputs=(), loc=loc, state=state))
