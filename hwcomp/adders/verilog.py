"""An adder graph as one module of plain synthesizable SystemVerilog."""

from __future__ import annotations

from hwcomp.adders.codes import Code, Coded, Sum, Term, encode
from hwcomp.adders.graph import AdderGraph
from hwcomp.adders.schedule import Schedule, schedule


def module(name: str, graph: AdderGraph, stages: int) -> str:
    """SystemVerilog of `graph` in `stages` stages: one result a clock, `stages` clocks later; 0 stages are wires.

    Ports: in_data_i, the inputs side by side, input 0 in the least significant bits, each as wide as its range needs
    (`input_width`); out_data_o, the outputs alike, two's complement (`output_widths`); valid_o follows valid_i; nothing
    moves unless enable_i.
    """
    coded = encode(graph)
    plan = schedule(graph, stages, [code.width for code in coded.codes])
    body = [*_inputs(graph, coded), *_sums(graph, coded, plan), *_outputs(coded, plan), *_registers(coded, plan)]
    in_width = sum(input_width(*span) for span in graph.inputs)
    out_width = sum(term.width for term in coded.terms)
    ports = [f"    input  wire [{in_width - 1}:0] in_data_i", f"    output wire [{out_width - 1}:0] out_data_o"]
    if stages:
        controls = ["clk_i", "rst_ni", "enable_i", "valid_i"]
        ports = [*(f"    input  wire {port}" for port in controls), "    output wire valid_o", *ports]
    return "\n".join([f"module {name} (", ",\n".join(ports), ");", *body, "endmodule", ""])


def input_width(low: int, high: int) -> int:
    """Bits of an input: without sign where its range has none, else two's complement."""
    if low >= 0:
        return max(1, high.bit_length())
    return 1 + max((edge if edge >= 0 else ~edge).bit_length() for edge in (low, high))


def output_widths(graph: AdderGraph) -> list[int]:
    """Bits of each output, the least two's complement that its range needs."""
    return [term.width for term in encode(graph).terms]


def _name(node: int, delay: int) -> str:
    return f"n{node}_{delay}" if delay else f"n{node}"


def _inputs(graph: AdderGraph, coded: Coded) -> list[str]:
    """Inputs less their least value."""
    lines: list[str] = []
    start = 0
    for node, (low, high) in enumerate(graph.inputs):
        width, code = input_width(low, high), coded.codes[node]
        taken = f"in_data_i[{start + width - 1}:{start}]"
        start += width
        if low == 0:
            lines.append(f"  wire [{code.width - 1}:0] n{node} = {taken};")
            continue
        if low == -(1 << (width - 1)) and code.width == width:
            rest = f", in_data_i[{start - 2}:{start - width}]" if width > 1 else ""
            lines.append(f"  wire [{width - 1}:0] n{node} = {{~in_data_i[{start - 1}]{rest}}};")
            continue
        low_bits = f"in_data_i[{start - width + code.width - 1}:{start - width}]"
        lines.append(f"  wire [{code.width - 1}:0] n{node} = {low_bits} + {_constant(-low, code.width)};")
        if code.width < width:
            lines.append(f"  wire unused_x{node} = &in_data_i[{start - 1}:{start - width + code.width}];")
    return lines


def _constant(value: int, width: int) -> str:
    return f"{width}'d{value % (1 << width)}"


def _slice(name: str, code: Code, low: int, count: int, inverts: bool = False) -> str:
    """`count` bits of a code from bit `low`; zeros before and after its own, which alone are inverted."""
    parts: list[str] = []
    above = low + count - max(code.width, low)
    first, last = max(low, 0), min(low + count, code.width)
    if above > 0:
        parts.append(_constant(0, above))
    if last > first:
        taken = name if (first, last) == (0, code.width) else f"{name}[{last - 1}:{first}]"
        parts.append(f"~{taken}" if inverts else taken)
    if low < 0 and min(-low, count) > 0:
        parts.append(_constant(0, min(-low, count)))
    return parts[0] if len(parts) == 1 else "{" + ", ".join(parts) + "}"


def _sums(graph: AdderGraph, coded: Coded, plan: Schedule) -> list[str]:
    lines: list[str] = []
    for node, item in enumerate(coded.sums, len(graph.inputs)):
        width = coded.codes[node].width
        kept = (_name(item.kept, plan.stage[node] - plan.stage[item.kept]), coded.codes[item.kept])
        other = (_name(item.other, plan.stage[node] - plan.stage[item.other]), coded.codes[item.other])
        lines.append(f"  wire [{width - 1}:0] n{node};")
        if not item.meets:
            lines.append(f"  assign n{node} = {_concatenation(item, kept, other, width)};")
            continue
        if item.start:
            low = _low_part(item, kept, other)
            lines.append(f"  assign n{node}[{item.start - 1}:0] = {low};")
        count = width - item.start
        left = _slice(*kept, item.start - item.kept_shift, count)
        right = _slice(*other, item.start - item.other_shift, count)
        target = f"n{node}[{width - 1}:{item.start}]"
        if not item.inverts:
            lines.append(f"  assign {target} = {left} + {right};")
            continue
        right = _ones_above(*other, item.start - item.other_shift, count)
        lines.append(f"  wire unused{node};")
        lines.append(f"  assign {{{target}, unused{node}}} = {{{left}, 1'b0}} - {{{right}, 1'b1}};")
    return lines


def _ones_above(name: str, code: Code, low: int, count: int) -> str:
    """Bits of a code from `low`, with ones above: what is subtracted so that the inverted bits are added.

    x + ~b is {x, 0} - {b, 1} without its last bit. So written, Yosys makes no LUT of its own for the first bit, and no
    inverters: with a + ~b it gives the inverted operand to the carry multiplexers.
    """
    own = _slice(name, code, low, min(count, code.width - low))
    above = count - (code.width - low)
    return f"{{{{{above}{{1'b1}}}}, {own}}}" if above > 0 else own


def _low_part(item: Sum, kept: tuple[str, Code], other: tuple[str, Code]) -> str:
    """The bits below `start`: the operand of the lesser shift, alone."""
    if item.kept_shift < item.other_shift:
        return _slice(*kept, -item.kept_shift, item.start)
    return _slice(*other, -item.other_shift, item.start, item.inverts)


def _concatenation(item: Sum, kept: tuple[str, Code], other: tuple[str, Code], width: int) -> str:
    """Operands that do not meet, side by side."""
    low, high = (kept, item.kept_shift, False), (other, item.other_shift, item.inverts)
    if item.other_shift < item.kept_shift:
        low, high = high, low
    parts = [_slice(*high[0], 0, width - item.start, high[2]), _slice(*low[0], -low[1], item.start, low[2])]
    return "{" + ", ".join(parts) + "}"


def _outputs(coded: Coded, plan: Schedule) -> list[str]:
    lines: list[str] = []
    for index, term in enumerate(coded.terms):
        lines.append(f"  wire [{term.width - 1}:0] y{index} = {_output(term, coded, plan)};")
        if term.node is not None and coded.codes[term.node].width + term.shift > term.width:
            name = _name(term.node, plan.stages - plan.stage[term.node] if plan.stages else 0)
            above = f"{name}[{coded.codes[term.node].width - 1}:{term.width - term.shift}]"
            lines.append(f"  wire unused_y{index} = &{above};")
    names = [_output_name(index, plan) for index in range(len(coded.terms))]
    lines.append(f"  assign out_data_o = {{{', '.join(reversed(names))}}};")
    return lines


def _output_name(index: int, plan: Schedule) -> str:
    return f"y{index}_1" if plan.stages else f"y{index}"


def _output(term: Term, coded: Coded, plan: Schedule) -> str:
    constant = _constant(term.constant, term.width)
    if term.node is None:
        return constant
    code = coded.codes[term.node]
    name = _name(term.node, plan.stages - plan.stage[term.node] if plan.stages else 0)
    value = _slice(name, code, -term.shift, term.width, term.inverts)
    return value if term.constant % (1 << term.width) == 0 else f"{value} + {constant}"


def _registers(coded: Coded, plan: Schedule) -> list[str]:
    if not plan.stages:
        return []
    declared: list[str] = []
    moves: list[str] = []
    for node, (first, last) in enumerate(zip(plan.stage, plan.last, strict=True)):
        for delay in range(1, last - first + 1):
            declared.append(f"  reg [{coded.codes[node].width - 1}:0] {_name(node, delay)};")
            moves.append(f"      {_name(node, delay)} <= {_name(node, delay - 1)};")
    for index, term in enumerate(coded.terms):
        declared.append(f"  reg [{term.width - 1}:0] y{index}_1;")
        moves.append(f"      y{index}_1 <= y{index};")
    top = plan.stages - 1
    shifted = f"{{valid[{top - 1}:0], valid_i}}" if top else "valid_i"
    valid = [f"  reg [{top}:0] valid;", f"  assign valid_o = valid[{top}];", "  always @(posedge clk_i) begin"]
    valid += [f"    if (!rst_ni) valid <= {_constant(0, plan.stages)};", f"    else if (enable_i) valid <= {shifted};"]
    return [*declared, *valid, "    if (enable_i) begin", *moves, "    end", "  end"]
