// The recurrent part of an LSTM. RTL: hwc_lstm. Model: hwcomp/ir/ops/lstm.py.
#ifndef HWC_LSTM_HPP
#define HWC_LSTM_HPP

#include "types.hpp"

namespace hwc {

// Constants by number.
template <long long... Values> struct constants {
  static long long at(int i) {
    const long long values[] = {Values...};
    return values[i];
  }
};

// x * mult / 2^Drop, halves up; then / 2^shift, halves away from zero; saturated to OutWidth bits.
template <int OutWidth, int MultWidth, int Drop, int W>
sint<OutWidth> lstm_rescale(sint<W> x, long long mult, int shift) {
  constexpr int half = Drop > 0 ? Drop - 1 : 0;
  sint<W + MultWidth + 36> q = x * sint<MultWidth>(mult);
  if (Drop > 0) q = (q + sint<34>(1LL << half)) >> Drop;
  if (shift > 0) {
    sint<W + MultWidth + 36> nudged = q + sint<34>(1LL << (shift - 1));
    if (q < 0) nudged = nudged - sint<2>(1);
    q = nudged >> shift;
  }
  const sint<OutWidth + 1> most = (1LL << (OutWidth - 1)) - 1;
  const sint<OutWidth + 1> least = -(1LL << (OutWidth - 1));
  if (q > most) return sint<OutWidth>(most);
  if (q < least) return sint<OutWidth>(least);
  return sint<OutWidth>(q);
}

// Logistic function or tanh of 16 bits in Q0.15, by a table of all arguments, or interpolated at x * Mult / 2^Shift
// between two of 256 values of the logistic function; a word is {next value - value: 17 bits, value: 16 bits}.
// Tables 2: the logistic function's, then tanh's.
template <int Direct, int Tables, int Width, class R>
sint<17> lstm_curve(sint<16> x, bool is_tanh, int mult, int shift, const R table[Tables * (Direct ? 65536 : 256)][1]) {
  const int base = is_tanh && Tables > 1 ? (Direct ? 65536 : 256) : 0;
  if (Direct) {
    typedef typename rom<Width, true>::type entry;
    return sint<17>(rom<Width, true>::value(static_cast<entry>(table[base + x.to_int() + 32768][0])).to_int());
  }
  const long long half = shift > 0 ? 1LL << (shift > 0 ? shift - 1 : 0) : 0;
  const long long scaled = (x.to_int64() * mult + half) >> shift;
  const long long magnitude = scaled < 0 ? -scaled : scaled;
  const int bits = is_tanh ? 8 : 9;
  const long long level = magnitude >> bits;
  const int place = static_cast<int>(level > 254 ? 254 : level);
  const int fraction = static_cast<int>(magnitude & ((1 << bits) - 1));
  typedef typename rom<Width, false>::type pair;
  const long long word = rom<Width, false>::value(static_cast<pair>(table[base + place][0])).to_int64();
  const int value = static_cast<int>(word & 65535);
  const int step = static_cast<int>(word >> 16) - (word >> 32 ? 1 << 17 : 0);
  int between = (value << bits) + fraction * step;
  if (is_tanh) {
    between = (level >= 255 ? 0xFFFF00 : between) - (1 << 23);
    return sint<17>((scaled >= 0 ? between + 128 : 127 - between) >> 8);
  }
  if (level >= 255) between = 0x7FFF << 10;
  return sint<17>((scaled >= 0 ? between + 512 : (1 << 25) - between + 511) >> 10);
}

// `in`: for each step and unit the sums of x for its four gates; `in1`, `in2`: the states before. `out`: the hidden
// state of each step; `out1`: the last cell state.
// weights[(unit * 4 + gate) * beats + beat][Simd], bias[unit * 4 + gate].
template <class C, class X, class H0, class S0, class H, class S, class W, class B, class G, class T>
void lstm(stream<beat<X, 1>>& in, stream<beat<H0, 1>>& in1, stream<beat<S0, 1>>& in2, stream<beat<H, 1>>& out,
          stream<beat<S, 1>>& out1, const W weights[4 * C::Units * (C::Units / C::Simd)][C::Simd],
          const B bias[4 * C::Units][1], const G gate_curve[2 * (C::GateDirect ? 65536 : 256)][1],
          const T cell_curve[C::CellDirect ? 65536 : 256][1]) {
  constexpr int beats = C::Units / C::Simd;
  constexpr int grown = larger(C::AccWidth, 8 + C::WeightWidth + log2_ceil(C::Units)) + 1;
  // Without saturation the sum of h is as wide as its rescale makes it.
  constexpr int far_width = C::Saturate ? 16 : 48;
  HWC_VITIS(HLS array_reshape variable = weights complete dim = 2)
  H hidden[2][beats][C::Simd];
  HWC_VITIS(HLS array_partition variable = hidden complete dim = 3)
  S cell[C::Units];
  // Where a unit's hidden state is: the word, and the lane in it.
  int place = 0;
  int part = 0;
  for (int sequence = 0; sequence < C::OutBeats / (C::Steps * C::Units); sequence++) {
    HWC_CATAPULT(hls_pipeline_init_interval 1)
    for (int unit = 0; unit < C::Units; unit++) {
      HWC_VITIS(HLS pipeline II = 1)
      hidden[0][place][part] = H(in1.read().lane[0]);
      cell[unit] = S(in2.read().lane[0]);
      place = part < C::Simd - 1 ? place : place == beats - 1 ? 0 : place + 1;
      part = part < C::Simd - 1 ? part + 1 : 0;
    }
    for (int step = 0; step < C::Steps; step++) {
      const int now = step & 1;
      for (int unit = 0; unit < C::Units; unit++) {
        sint<17> gates[4];
        for (int gate = 0; gate < 4; gate++) {
          const int row = unit * 4 + gate;
          accumulator<C::AccWidth, grown> sum(rom<C::AccWidth, true>::value(bias[row][0]));
          HWC_CATAPULT(hls_pipeline_init_interval 1)
          for (int i = 0; i < beats; i++) {
            HWC_VITIS(HLS pipeline II = 1)
            HWC_CATAPULT(hls_unroll yes)
            for (int s = 0; s < C::Simd; s++) {
              HWC_VITIS(HLS unroll)
              sum.add(product<C::MultStyle>(hidden[now][i][s],
                                            rom<C::WeightWidth, true>::value(weights[row * beats + i][s])));
            }
          }
          const X of_x = in.read().lane[0];
          const sint<16> near = lstm_rescale<16, C::XMultWidth, C::XDrop, C::InWidth>(
              of_x, C::XMults::at(gate), static_cast<int>(C::XShifts::at(gate)));
          const sint<far_width> far = lstm_rescale<far_width, C::HMultWidth, C::HDrop, C::AccWidth>(
              sum.value(), C::HMults::at(gate), static_cast<int>(C::HShifts::at(gate)));
          sint<50> both = near + far;
          if (both > 32767) both = 32767;
          if (both < -32768) both = -32768;
          gates[gate] =
              lstm_curve<C::GateDirect, 2, C::GateTableWidth>(sint<16>(both), gate == 2, 3, 0, gate_curve);
        }
        const sint<16> kept = lstm_rescale<16, C::ForgetMultWidth, C::ForgetDrop, 34>(
            sint<34>(gates[1] * cell[unit]), C::ForgetMult, C::ForgetShift);
        const sint<16> added = lstm_rescale<16, C::InputMultWidth, C::InputDrop, 34>(sint<34>(gates[0] * gates[2]),
                                                                                   C::InputMult, C::InputShift);
        sint<18> next = kept + added;
        if (next > C::CellMax) next = C::CellMax;
        if (next < C::CellMin) next = C::CellMin;
        const S state = S(next);
        cell[unit] = state;
        const sint<17> squashed =
            lstm_curve<C::CellDirect, 1, C::CellTableWidth>(state, true, C::TanhMult, C::TanhShift, cell_curve);
        const sint<10> scaled = lstm_rescale<10, C::HiddenMultWidth, C::HiddenDrop, 34>(
            sint<34>(squashed * gates[3]), C::HiddenMult, C::HiddenShift);
        sint<35> moved = scaled + sint<33>(C::HiddenZero);
        if (moved > 127) moved = 127;
        if (moved < -128) moved = -128;
        hidden[1 - now][place][part] = H(moved);
        place = part < C::Simd - 1 ? place : place == beats - 1 ? 0 : place + 1;
        part = part < C::Simd - 1 ? part + 1 : 0;
        beat<H, 1> y;
        y.lane[0] = H(moved);
        out.write(y);
        if (step == C::Steps - 1) {
          beat<S, 1> last;
          last.lane[0] = state;
          out1.write(last);
        }
      }
    }
  }
}

}  // namespace hwc

#endif
