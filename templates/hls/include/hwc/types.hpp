// Integers of exact width, streams, constants: one interface, three sets of types.
//
//   HWC_AP   ap_int, hls::stream and the pragmas of Vitis HLS
//   HWC_AC   ac_int, ac_channel and the pragmas of Catapult
//   neither  native integers that stop the program where a value does not fit its width: for tests on any machine
//
// A layer gives, in namespace hwc:
//   integer<W, S>        W bits, signed where S; sint<W>, uint<W>. Sums and products have the width that holds them.
//   traits<T>            width and sign of an integer type
//   stream<T>            read(), write(x)
//   word<W>, get_lane, set_lane    the data of an AXI4-Stream beat
//   axis<W>              a beat of AXI4-Stream: data, last
//   rom<W, S>            how constants are stored, and their value
//   HWC_VITIS(...)          a pragma of Vitis HLS, in the body of what it is of
//   HWC_CATAPULT(...)          a pragma of Catapult, before what it is of
//   HWC_CHANNEL          what a stream between blocks is declared with
#ifndef HWC_TYPES_HPP
#define HWC_TYPES_HPP

#include <cstdint>

#if defined(HWC_AP)
#include "types_ap.hpp"
#elif defined(HWC_AC)
#include "types_ac.hpp"
#else
#include "types_native.hpp"
#endif

namespace hwc {

template <int W> using sint = integer<W, true>;
template <int W> using uint = integer<W, false>;

// N elements that travel together, lane 0 first.
template <class T, int N> struct beat {
  T lane[N];
};

// What Vitis takes for the choices of the compiler; their names are those of rtl/lib's parameters.
enum tie { tie_floor, tie_even, tie_away };
enum op { op_add, op_sub, op_mul, op_min, op_max };
enum mult_style { mult_style_dsp, mult_style_lut };
enum weight_style { weight_style_block, weight_style_distributed, weight_style_ram };

constexpr int larger(int a, int b) { return a > b ? a : b; }

// Bits that count to n - 1.
constexpr int log2_ceil(long long n) { return n <= 1 ? 0 : 1 + log2_ceil((n + 1) / 2); }

// A product, in a multiplier block or in LUTs.
template <class A, class B>
integer<traits<A>::width + traits<B>::width, (traits<A>::sign || traits<B>::sign)> product_in_dsp(A a, B b) {
  HWC_VITIS(HLS inline)
  integer<traits<A>::width + traits<B>::width, (traits<A>::sign || traits<B>::sign)> p = a * b;
  HWC_VITIS(HLS bind_op variable = p op = mul impl = dsp)
  return p;
}
template <class A, class B>
integer<traits<A>::width + traits<B>::width, (traits<A>::sign || traits<B>::sign)> product_in_lut(A a, B b) {
  HWC_VITIS(HLS inline)
  integer<traits<A>::width + traits<B>::width, (traits<A>::sign || traits<B>::sign)> p = a * b;
  HWC_VITIS(HLS bind_op variable = p op = mul impl = fabric)
  return p;
}
template <int Style, class A, class B>
integer<traits<A>::width + traits<B>::width, (traits<A>::sign || traits<B>::sign)> product(A a, B b) {
  HWC_VITIS(HLS inline)
  return Style == mult_style_lut ? product_in_lut(a, b) : product_in_dsp(a, b);
}

}  // namespace hwc

// The bench looks at a stream and puts the beats back; in a synthesised design there is nothing.
#if defined(HWC_TRACE) && !defined(__SYNTHESIS__)
#include "tap.hpp"
#define HWC_TAP(index, stream, beats) hwc::tap(index, stream, beats)
#else
#define HWC_TAP(index, stream, beats)
#endif

#endif
