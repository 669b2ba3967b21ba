"""Text from templates: logic in Python, text in Jinja. A template sees one frozen object, under the name `view`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hwcomp.support import resources

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """The one Jinja environment. An unknown name is an error; nothing is escaped, for the output is source code."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(resources.templates(), encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(template_name: str, view: object) -> str:
    """Render `template_name` (relative to `templates/`, such as "mcu/model.c.jinja") with `view`.

    The template reads `view.field`; strings and numbers are ready to print. The text ends in exactly one newline.

    Raises:
        jinja2.TemplateError: the template is missing or names a field that `view` has not: our mistake.
    """
    return environment().get_template(template_name).render(view=view).rstrip("\n") + "\n"
