"""Templates hold no logic: names, loops, conditions on a field, includes, and the filters `join` and `indent`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from hwcomp.support.render import environment, render
from hwcomp.support.resources import templates

TEMPLATES = sorted(templates().rglob("*.jinja"))
MAX_LINES = 120
FILTERS = {"join", "indent"}
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Include,
    nodes.Filter,
    nodes.Const,
    nodes.Not,
)


def constants_out_of_place(tree: nodes.Template) -> list[nodes.Node]:
    """Constants may only be the arguments of a filter or the name of an included template."""
    fine = {id(arg) for node in tree.find_all(nodes.Filter) for arg in node.args}
    fine |= {id(node.template) for node in tree.find_all(nodes.Include)}
    return [node for node in tree.find_all(nodes.Const) if id(node) not in fine]


def all_nodes(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(below for child in node.iter_child_nodes() for below in all_nodes(child))]


def complaints(source: str) -> list[str]:
    """What `source` uses that a template may not, as `line: what`."""
    tree = Environment().parse(source)
    found = [(node.lineno, type(node).__name__) for node in all_nodes(tree) if not isinstance(node, ALLOWED)]
    found += [(node.lineno, f"filter {node.name}") for node in tree.find_all(nodes.Filter) if node.name not in FILTERS]
    found += [(node.lineno, "constant") for node in constants_out_of_place(tree)]
    return [f"{line}: {what}" for line, what in found]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(templates()).as_posix())
def test_template_is_text(path: Path) -> None:
    source = path.read_text("utf-8")
    assert complaints(source) == []
    assert len(source.splitlines()) <= MAX_LINES
    assert re.match(r"\{#-? .*\b\w+", source), "the first line names the view: {# hwcomp.targets.mcu.view.ModelView #}"


@pytest.mark.parametrize(
    "source",
    [
        "{{ view.a + 1 }}",
        "{{ -view.a }}",
        "{{ view.f() }}",
        "{% set a = view.b %}",
        "{{ 'x' if view.a else 'y' }}",
        "{{ view.a | upper }}",
        "{{ view.a | default(1) }}",
        "{{ view.items[0] }}",
        "{{ view.a ~ view.b }}",
        "{% if view.a == 1 %}x{% endif %}",
        "{% if view.a > view.b %}x{% endif %}",
        "{% if view.a and view.b %}x{% endif %}",
        "{% if view.a is defined %}x{% endif %}",
        "{% macro m() %}{% endmacro %}",
        "{{ 1 }}",
    ],
)
def test_logic_is_found(source: str) -> None:
    assert complaints(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "{{ view.a.b }}",
        "{% for layer in view.layers %}{{ layer.name }}{% endfor %}",
        "{% if view.bias %}b{% elif view.other %}o{% else %}n{% endif %}",
        "{% if not view.bias %}n{% endif %}",
        "{{ view.values | join(', ') | indent(4) }}",
        "{% include 'mcu/layer.c.jinja' %}",
    ],
)
def test_text_is_allowed(source: str) -> None:
    assert complaints(source) == []


def test_environment_is_strict_and_quiet() -> None:
    env = environment()
    assert (env.trim_blocks, env.lstrip_blocks, env.autoescape) == (True, True, False)
    with pytest.raises(Exception, match="'missing' is undefined"):
        env.from_string("{{ missing }}").render()


def test_a_template_sees_its_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import DictLoader

    monkeypatch.setattr(
        environment(),
        "loader",
        DictLoader({"t.c.jinja": "{# str #}\n{{ view }}\n  {% if view %}\nx\n  {% endif %}\n\n"}),
    )
    assert render("t.c.jinja", "a < b") == "a < b\nx\n"
