"""The texts that TVM reads: the module of PrimFuncs, their schedules, and the function that runs them in order."""

from __future__ import annotations

from collections.abc import Sequence

from hwcomp.targets.memory import Memory
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.kernel import Argument, Kernel
from hwcomp.targets.tvm.storage import Layout, work_offsets

_HEAD = "from tvm.script import ir as I\nfrom tvm.script import tirx as T\n"
_POINTERS = {Memory.INPUT: "input", Memory.OUTPUT: "output", Memory.CONSTANT: "params", Memory.STATE: "state",
             Memory.ARENA: "arena"}  # fmt: skip

Reference = tuple[str, int]
"""Where an argument is: "input", "output" with the port's index; "params", "state", "arena" with an offset in bytes."""


def arguments_of(kernel: Kernel) -> tuple[Argument, ...]:
    """The parameters of a PrimFunc in their order."""
    return (*kernel.sources, *(c.argument for c in kernel.constants), *kernel.results, *kernel.work)


def module_text(banner: str, kernels: Sequence[Kernel]) -> str:
    """The unscheduled module: a PrimFunc for each kernel that moves or computes something."""
    lines = [f"# {banner}", _HEAD, "", "@I.ir_module", "class Module:"]
    for kernel in kernels:
        if not kernel.is_view:
            lines += [f"    {line}" if line else "" for line in function_lines(kernel)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def function_lines(kernel: Kernel) -> list[str]:
    """A PrimFunc, not indented."""
    parameters = ",\n        ".join(a.declaration for a in arguments_of(kernel))
    local = [f'{a.name} = T.sblock_alloc_buffer(({", ".join(map(str, a.shape or (1,)))},), "{a.storage}")'
             for a in kernel.local]  # fmt: skip
    body = ['T.func_attr({"tirx.noalias": True})', *local, *kernel.statements]
    return [
        "@T.prim_func(s_tir=True)",
        f"def {kernel.function}(\n        {parameters},\n    ):",
        f"    # {kernel.note}",
        *(f"    {line}" for line in body),
    ]


def schedule_text(banner: str, kernels: Sequence[Kernel]) -> str:
    """A function for each scheduled PrimFunc: it takes a Schedule that works on it."""
    lines = [
        f"# {banner}",
        "# Each function takes a tvm.s_tir.Schedule that works on the PrimFunc of its name.",
        "",
        "",
    ]
    named = [kernel for kernel in kernels if kernel.schedule]
    for kernel in named:
        lines += [f"def {kernel.function}(sch):", f'    """{kernel.note}"""']
        lines += [*(f"    {line}" for line in kernel.schedule), "", ""]
    lines += ["SCHEDULES = {", *(f'    "{k.function}": {k.function},' for k in named), "}"]
    return "\n".join(lines) + "\n"


def references_of(layout: Layout, number: int) -> list[Reference]:
    """Where each argument of the step `number` is."""
    kernel = layout.storage.steps[number]
    found = [reference_to(layout, name) for name in kernel.inputs]
    found += [("params", layout.constants[number, c.argument.name]) for c in kernel.constants]
    outputs = kernel.outputs if kernel.more_outputs else (kernel.output,) * len(kernel.results)
    found += [reference_to(layout, name) for name in outputs]
    scratch = layout.storage.scratch.get(number)
    if scratch is not None:
        found += [("arena", offset) for offset in work_offsets(kernel, scratch.index)]
    return found


def reference_to(layout: Layout, name: str) -> Reference:
    """Where a value, a state or an output is."""
    where, index = layout.place(name)
    return _POINTERS[where], index


def run_text(banner: str, name: str, context: Context, layout: Layout) -> str:
    """`<name>_inference`, which calls the kernels in order, and `<name>_restart`: the states get their first values."""
    graph = context.graph
    ports = [f"input{i}" for i in range(len(graph.inputs))] + [f"output{i}" for i in range(len(graph.outputs))]
    sizes = [context.bytes(port.value) for port in (*graph.inputs, *graph.outputs)]
    pointers = [*ports, "params", "state", "arena"]
    sizes += [max(len(layout.parameters), 1), max(layout.state_bytes, 1), layout.storage.arena_bytes]
    lines = [f"# {banner}", _HEAD, "", "@I.ir_module", "class Module:", "    @T.prim_func(s_tir=True)"]
    parameters = ", ".join(f'p_{p}: T.handle("uint8")' for p in pointers)
    lines += [f"    def {name}_inference({parameters}) -> T.int32:"]
    lines += [f'        T.func_attr({{"global_symbol": "{name}_inference", "calling_conv": 1}})']
    lines += [
        f'        {p} = T.decl_buffer(({size},), "uint8", data=p_{p})' for p, size in zip(pointers, sizes, strict=True)
    ]
    for number, kernel in enumerate(layout.storage.steps):
        if not kernel.is_view:
            given = [_address(*reference) for reference in references_of(layout, number)]
            call = ", ".join(['"int32"', f'"{name}_{kernel.function}"', *given])
            lines.append(f"        T.evaluate(T.call_extern({call}))  # {kernel.note}")
    if layout.state_bytes:
        lines += ["", "    @T.prim_func(s_tir=True)"]
        lines += [f'    def {name}_restart(p_params: T.handle("uint8"), p_state: T.handle("uint8")) -> T.int32:']
        lines += [f'        T.func_attr({{"global_symbol": "{name}_restart", "calling_conv": 1}})']
        lines += [f'        params = T.decl_buffer(({len(layout.parameters)},), "uint8", data=p_params)']
        lines += [f'        state = T.decl_buffer(({layout.state_bytes},), "uint8", data=p_state)']
        lines += [
            f"        for i in range({layout.state_bytes}):",
            f"            state[i] = params[i + {layout.reset}]",
        ]
    return "\n".join(lines) + "\n"


def _address(kind: str, index: int) -> str:
    return f"T.address_of({kind}{index}[0])" if kind in ("input", "output") else f"T.address_of({kind}[{index}])"
