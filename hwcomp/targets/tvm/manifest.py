"""The manifest of a tvm bundle: its interface, its memory, and every call of a kernel with its arguments."""

from __future__ import annotations

from hwcomp.ir.graph import Port as GraphPort
from hwcomp.support.manifest import Manifest, Port, TracedValue, element_type
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.bundle.border import border_of
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.machine import Machine
from hwcomp.targets.tvm.options import TvmOptions
from hwcomp.targets.tvm.replay import key_of
from hwcomp.targets.tvm.script import arguments_of, reference_to, references_of
from hwcomp.targets.tvm.storage import Layout


def traced_values(context: Context, layout: Layout) -> tuple[TracedValue, ...]:
    """What every kernel makes, views included, in execution order."""
    found: list[TracedValue] = []
    for kernel in layout.storage.steps:
        if kernel.op is None or kernel.is_state_write:
            continue
        for name in kernel.outputs:
            value = context.value(name)
            size = value.type.size * element_type(str(value.type.dtype)).bytes
            found.append(TracedValue(len(found), name, value.shape, str(value.type.dtype), size))
    return tuple(found)


def sources_of(name: str, machine: Machine) -> tuple[str, ...]:
    """What a program is made of to run the model by its C interface: our C, and what TVM compiled (target c: wrote)."""
    if machine.is_cuda:
        return (f"lib/{name}_kernels.cu",)
    suffix = "c" if machine.target.get("kind") == "c" else "o"
    return (f"src/{name}.c", f"src/{name}_params.c", f"lib/{name}_inference.{suffix}", f"lib/{name}_kernels.{suffix}")


def manifest_of(
    name: str, context: Context, layout: Layout, info: EmitInfo, traced: tuple[TracedValue, ...], options: TvmOptions
) -> Manifest:
    """The manifest. "steps": the calls in order, each argument as (memory, index of the port or offset in bytes)."""
    graph, machine = context.graph, context.machine
    return Manifest(
        hwcomp=info.version,
        target="tvm",
        c_name=name,
        header=f"{name}.h",
        sources=sources_of(name, machine),
        include_dirs=("src",),
        inputs=tuple(_port(context, port) for port in graph.inputs),
        outputs=tuple(_port(context, port) for port in graph.outputs),
        arena_bytes=layout.storage.arena_bytes,
        states_bytes=layout.state_bytes,
        values=traced,
        extra={
            "model": {"name": info.model_name, "sha256": info.model_sha256},
            "command": info.command,
            "reference": info.reference,
            "exact": info.policy,
            "options": {
                "tvm_target": options.tvm_target,
                "schedule": options.schedule.value,
                "int4": options.int4.value,
            },
            "machine": {
                "name": machine.name,
                "target": machine.target,
                "runs_here": machine.is_host,
                "status": machine.status,
            },
            "macs": sum(kernel.macs for kernel in layout.storage.steps),
            "constant_bytes": len(layout.parameters),
            "parameter_bytes": len(layout.parameters),
            "reset_offset": layout.reset,
            "arena": {
                "lower_bound_bytes": layout.storage.plan.lower_bound_bytes,
                "is_optimal": layout.storage.plan.optimal,
            },
            "layers": _layers(context, layout),
            "steps": _steps(name, context, layout, traced),
        },
    )


def _layers(context: Context, layout: Layout) -> list[dict[str, object]]:
    return [
        {
            "what": kernel.note,
            "kernel": kernel.function,
            "macs": kernel.macs,
            "scratch_bytes": kernel.scratch_bytes or 0,
            "key": key_of(kernel, context.machine),
        }
        for kernel in layout.storage.steps
        if kernel.function
    ]


def _steps(name: str, context: Context, layout: Layout, traced: tuple[TracedValue, ...]) -> list[dict[str, object]]:
    indices = {value.name: value.index for value in traced}
    steps: list[dict[str, object]] = []
    for number, kernel in enumerate(layout.storage.steps):
        values = [
            {
                "index": indices[value],
                "at": reference_to(layout, value),
                "bias": context.argument("", value).bias,
                "storage": context.storage(value),
            }
            for value in kernel.outputs
            if value in indices and not kernel.is_state_write
        ]
        steps.append(
            {
                "what": kernel.note,
                "function": f"{name}_{kernel.function}" if kernel.function else "",
                "arguments": references_of(layout, number) if kernel.function else [],
                "buffers": [[list(a.shape or (1,)), a.storage] for a in arguments_of(kernel)]
                if kernel.function
                else [],
                "values": values,
                "macs": kernel.macs,
            }
        )
    return steps


def _port(context: Context, port: GraphPort) -> Port:
    value = context.value(port.value)
    size = value.type.size * element_type(str(value.type.dtype)).bytes
    return Port(port.name, value.shape, str(value.type.dtype), size, border_of(port))
