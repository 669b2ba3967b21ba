"""Words that a generated identifier must not be.

Sources: C11 6.4.1, C++20 lex.key, IEEE 1364-2005 annex B, IEEE 1800-2017 annex B.
"""

from __future__ import annotations

_C = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm fortran typeof
typeof_unqual constexpr nullptr bool true false complex imaginary noreturn
"""

_CPP = """
alignas alignof and and_eq atomic_cancel atomic_commit atomic_noexcept bitand bitor catch char8_t char16_t char32_t
class compl concept consteval constinit const_cast co_await co_return co_yield decltype delete dynamic_cast explicit
export final friend import module mutable namespace new noexcept not not_eq operator or or_eq override private
protected public reflexpr reinterpret_cast requires static_assert static_cast synchronized template this thread_local
throw try typeid typename using virtual wchar_t xor xor_eq
"""

# What <stdint.h>, <stddef.h> and <string.h> declare, the C library's functions that compilers know, and their macros.
_C_LIBRARY = """
int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t intmax_t uintmax_t int_least8_t
int_least16_t int_least32_t int_least64_t uint_least8_t uint_least16_t uint_least32_t uint_least64_t int_fast8_t
int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t uint_fast64_t size_t ssize_t ptrdiff_t
max_align_t offsetof null eof errno assert main exit abort memchr memcmp memcpy memmove memset strcat strchr strcmp
strcpy strlen strncat strncmp strncpy strtok strstr malloc calloc realloc free printf sprintf snprintf puts putchar
getchar abs labs div sin cos tan asin acos atan atan2 sinh cosh tanh exp exp2 expm1 log log2 log10 log1p pow sqrt cbrt
ceil floor round trunc rint fabs fmin fmax fmod erf gamma lgamma tgamma hypot index rindex signal time clock read
write open close int8_min int8_max int16_min int16_max int32_min int32_max int64_min int64_max uint8_max uint16_max
uint32_max uint64_max size_max int8_c int16_c int32_c int64_c uint8_c uint16_c uint32_c uint64_c
"""

# Macros that common tool chains and the Arduino core define.
_MACROS = """
linux unix arm i min max map bit constrain sq radians degrees high low input output input_pullup default internal
external pi half_pi two_pi euler serial display lsbfirst msbfirst change falling rising f interrupts byte boolean word
setup loop
"""

_VERILOG = """
always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign default defparam design
disable edge else end endcase endconfig endfunction endgenerate endmodule endprimitive endspecify endtable endtask
event for force forever fork function generate genvar highz0 highz1 if ifnone incdir include initial inout input
instance integer join large liblist library localparam macromodule medium module nand negedge nmos nor noshowcancelled
not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup pulsestyle_ondetect
pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran rtranif0 rtranif1 scalared showcancelled
signed small specify specparam strong0 strong1 supply0 supply1 table task time tran tranif0 tranif1 tri tri0 tri1
triand trior trireg unsigned use uwire vectored wait wand weak0 weak1 while wire wor xnor xor
"""

_SYSTEM_VERILOG = """
accept_on alias always_comb always_ff always_latch assert assume before bind bins binsof bit break byte chandle
checker class clocking const constraint context continue cover covergroup coverpoint cross dist do endchecker endclass
endclocking endgroup endinterface endpackage endprogram endproperty endsequence enum eventually expect export extends
extern final first_match foreach forkjoin global iff ignore_bins illegal_bins implements implies import inside int
interconnect interface intersect join_any join_none let local logic longint matches modport nettype new nexttime null
package packed priority program property protected pure rand randc randcase randsequence ref reject_on restrict return
s_always s_eventually s_nexttime s_until s_until_with sequence shortint shortreal soft solve static string strong
struct super sync_accept_on sync_reject_on tagged this throughout timeprecision timeunit type typedef union unique
unique0 until until_with untyped var virtual void wait_order weak wildcard with within
"""

RESERVED: frozenset[str] = frozenset(f"{_C} {_CPP} {_C_LIBRARY} {_MACROS} {_VERILOG} {_SYSTEM_VERILOG}".split())
