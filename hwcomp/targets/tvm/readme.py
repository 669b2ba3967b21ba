"""What README.md of a bundle shows."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.support.naming import comment
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.bundle.certificates import proof_note
from hwcomp.targets.tvm.compile import VERSIONS
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.interface import InterfaceView, PortView
from hwcomp.targets.tvm.storage import Layout


@dataclass(frozen=True, slots=True)
class ReadmeView:
    """Numbers and sentences, ready to print."""

    name: str
    upper: str
    title: str
    version: str
    command: str
    machine: str
    machine_note: str
    reference: str
    policy: str
    proof_note: str
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    constant_bytes: str
    arena_bytes: str
    arena_note: str
    state_bytes: str
    macs: str
    is_cuda: bool
    runs_here: bool
    requirement: str
    requirements: str
    state_example: str
    state_reference: str


def readme_view(view: InterfaceView, context: Context, layout: Layout, info: EmitInfo) -> ReadmeView:
    """The view beside that of the C interface."""
    machine, plan = context.machine, layout.storage.plan
    runs = "made to run on the machine that builds it." if machine.is_host else "not run by hwcomp on such a machine."
    example = f"static {view.name}_state_t state; /* {view.name}_reset(&state) once */\n" if view.state_bytes else ""
    return ReadmeView(
        name=view.name,
        upper=view.upper,
        title=view.title,
        version=comment(info.version),
        command=comment(info.command),
        machine=comment(machine.name),
        machine_note=runs,
        reference=info.reference,
        policy=info.policy,
        proof_note=proof_note(context.graph),
        inputs=view.inputs,
        outputs=view.outputs,
        constant_bytes=f"{len(layout.parameters):,}",
        arena_bytes=f"{view.arena_bytes:,}",
        arena_note="no plan is smaller" if plan.optimal else f"no plan is below {plan.lower_bound_bytes:,} bytes",
        state_bytes=f"{view.state_bytes:,}",
        macs=f"{sum(kernel.macs for kernel in layout.storage.steps):,}",
        is_cuda=machine.is_cuda,
        runs_here=machine.is_host,
        requirement=f"apache-tvm=={VERSIONS['apache-tvm']}",
        requirements=" ".join(f"{package}=={version}" for package, version in VERSIONS.items()),
        state_example=example,
        state_reference="&state, " if view.state_bytes else "",
    )
