"""A digit-serial adder graph as one module of SystemVerilog, made of `rtl/lib/hwc_serial_*`."""

from __future__ import annotations

from hwcomp.adders.serial import Operand, SerialGraph, Uses, uses_of


def module(name: str, graph: SerialGraph, digit: int, period: int) -> str:
    """SystemVerilog of the sums: digits of the inputs in, digits of the outputs `graph.levels` clocks later.

    Ports: x_i and y_o, digits side by side, the first lowest; en_i, clear_i and place_i come from `hwc_serial_control`.
    """
    uses = uses_of(graph)
    place_bits = (period - 1).bit_length()
    top = graph.levels
    ports = [
        "    input  wire clk_i",
        "    input  wire en_i",
        f"    input  wire [{top}:0] clear_i",
        f"    input  wire [{(top + 1) * place_bits - 1}:0] place_i",
        f"    input  wire [{graph.inputs * digit - 1}:0] x_i",
        f"    output wire [{len(graph.outputs) * digit - 1}:0] y_o",
    ]
    printer = _Printer(graph, uses, digit, period, place_bits)
    body = [*printer.inputs(), *printer.delays(), *printer.shifts(), *printer.sums(), *printer.outputs()]
    return "\n".join([f"module {name} (", ",\n".join(ports), ");", *body, "endmodule", ""])


class _Printer:
    def __init__(self, graph: SerialGraph, uses: Uses, digit: int, period: int, place_bits: int) -> None:
        self._graph, self._uses = graph, uses
        self._digit, self._period, self._place_bits = digit, period, place_bits

    def inputs(self) -> list[str]:
        return [
            "  wire unused = &{1'b0, clk_i, en_i, clear_i, place_i, x_i};",
            *(f"  wire {self._range()} n{node} = {self._part('x_i', node)};" for node in range(self._graph.inputs)),
        ]

    def delays(self) -> list[str]:
        """Digits of readers that are later."""
        declared: list[str] = []
        moves: list[str] = []
        for node, last in enumerate(self._uses.delays):
            for delay in range(1, last + 1):
                declared.append(f"  reg {self._range()} {_digit(node, delay)};")
                moves.append(f"    {_digit(node, delay)} <= {_digit(node, delay - 1)};")
        sums = [f"  wire {self._range()} n{self._graph.inputs + k};" for k in range(len(self._graph.sums))]
        return [*sums, *declared, *(["  always @(posedge clk_i) if (en_i) begin", *moves, "  end"] if moves else [])]

    def shifts(self) -> list[str]:
        lines: list[str] = []
        for (node, delay), shift in sorted(self._uses.shifts.items()):
            bits = _bits(node, delay)
            level = self._graph.level(node) + delay
            lines += [
                f"  wire [{shift + self._digit - 1}:0] {bits};",
                f"  hwc_serial_shift #(.Digit({self._digit}), .Shift({shift})) u_{bits} (",
                f"    .clk_i, .en_i, .clear_i(clear_i[{level}]), .digit_i({_digit(node, delay)}), .bits_o({bits}));",
            ]
        return lines

    def sums(self) -> list[str]:
        lines: list[str] = []
        for node, item in enumerate(self._graph.sums, self._graph.inputs):
            negative = [self._operand(term, item.level - 1) for term in item.operands if term.negative]
            operands = [self._operand(term, item.level - 1) for term in item.operands if not term.negative]
            if item.constant is not None:
                lines += self._constant(f"k{node}", item.constant, item.level - 1)
                operands.append(f"k{node}")
            mask = ((1 << len(negative)) - 1) << len(operands)
            operands += negative
            joined = ", ".join(reversed(operands))
            lines += [
                f"  hwc_serial_add #(.Digit({self._digit}), .Operands({item.size}), .Negative({mask})) u_n{node} (",
                f"    .clk_i, .en_i, .clear_i(clear_i[{item.level - 1}]), .a_i({{{joined}}}), .sum_o(n{node}));",
            ]
        return lines

    def outputs(self) -> list[str]:
        lines: list[str] = []
        for place, out in enumerate(self._graph.outputs):
            if isinstance(out, Operand):
                lines.append(f"  assign {self._part('y_o', place)} = {self._operand(out, self._graph.levels)};")
            else:
                lines += self._constant(f"y{place}", out, self._graph.levels)
                lines.append(f"  assign {self._part('y_o', place)} = y{place};")
        return lines

    def _operand(self, term: Operand, level: int) -> str:
        delay = level - self._graph.level(term.node)
        if not term.shift:
            return _digit(term.node, delay)
        below = self._uses.shifts[term.node, delay] - term.shift
        return f"{_bits(term.node, delay)}[{below + self._digit - 1}:{below}]"

    def _constant(self, name: str, value: int, level: int) -> list[str]:
        bits = self._digit * self._period
        low = level * self._place_bits
        word = f"{bits}'h{value % (1 << bits):x}"
        return [
            f"  wire {self._range()} {name};",
            f"  hwc_serial_constant #(.Digit({self._digit}), .Period({self._period}), .Value({word})) u_{name} (",
            f"    .place_i(place_i[{low + self._place_bits - 1}:{low}]), .digit_o({name}));",
        ]

    def _range(self) -> str:
        return f"[{self._digit - 1}:0]"

    def _part(self, port: str, place: int) -> str:
        return f"{port}[{place * self._digit + self._digit - 1}:{place * self._digit}]"


def _digit(node: int, delay: int) -> str:
    return f"n{node}_{delay}" if delay else f"n{node}"


def _bits(node: int, delay: int) -> str:
    return f"{_digit(node, delay)}_past"
