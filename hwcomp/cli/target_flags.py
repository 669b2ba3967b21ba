"""Options of targets as flags: `--fps 100` is `--option fps=100`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from typer.core import TyperCommand

_FLAG = "--"
OPTION = "--option"


class TargetFlagsCommand(TyperCommand):
    """A command with `--option`; a flag that is none of its own, but an option of a target, is read as one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)}
        own.update(ctx.help_option_names)
        if any(arg.startswith(_FLAG) and arg.partition("=")[0] not in own for arg in args):
            args = as_options(args, own, option_names())
        return super().parse_args(ctx, args)


def option_names() -> frozenset[str]:
    """The options of all targets."""
    from hwcomp.targets import TARGETS, load_target
    from hwcomp.targets.base import describe_options

    return frozenset(o.name for name in TARGETS for o in describe_options(load_target(name).options_type))


def as_options(args: Sequence[str], own: Collection[str], known: Collection[str]) -> list[str]:
    """`["--fps", "100"]` as `["--option", "fps=100"]`; other arguments, and all behind `--`, as they are."""
    return list(_rewritten(iter(args), own, known))


def _rewritten(args: Iterator[str], own: Collection[str], known: Collection[str]) -> Iterator[str]:
    for arg in args:
        flag, equals, value = arg.partition("=")
        key = flag.removeprefix(_FLAG)
        if arg == _FLAG:
            yield arg
            yield from args
        elif key == flag or flag in own or key not in known:
            yield arg
        else:
            given = value if equals else next(args, None)
            yield from (OPTION, key if given is None else f"{key}={given}")
