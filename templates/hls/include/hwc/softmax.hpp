// Softmax and log-softmax by integers, as TFLite computes them. A call is a frame.
#ifndef HWC_SOFTMAX_HPP
#define HWC_SOFTMAX_HPP

#include "types.hpp"

namespace hwc {

// Q2.29 and Q0.31 with a sign and room.
typedef sint<34> q31;

// A number in Q0.31 or Q2.29.
inline q31 fixed(long long x) { return q31(x); }

inline q31 clipped32(sint<68> x) {
  const sint<33> most = 2147483647LL;
  const sint<33> least = -2147483648LL;
  if (x > most) return q31(most);
  if (x < least) return q31(least);
  return q31(x);
}

// a * b / 2^31, rounded. Source: gemmlowp fixedpoint.h, SaturatingRoundingDoublingHighMul.
inline q31 times(q31 a, q31 b) {
  HWC_VITIS(HLS inline)
  const sint<69> nudged = a * b + sint<32>(1 << 30);
  return q31(sint<69>(nudged >> 31));
}

// x / 2^n, halves away from zero. Source: gemmlowp fixedpoint.h, RoundingDivideByPOT.
inline q31 rounding_shift(q31 x, int n) {
  HWC_VITIS(HLS inline)
  if (n == 0) return x;
  sint<36> nudged = x + sint<34>(1LL << (n - 1));
  if (x < 0) nudged = nudged - sint<2>(1);
  return q31(sint<36>(nudged >> n));
}

// x * 2^n within 32 bits, n at most 31.
inline q31 saturating_shift(q31 x, int n) {
  HWC_VITIS(HLS inline)
  return clipped32(sint<68>(sint<68>(x) << n));
}

// 1 / (1 + fraction) in Q0.31, from half of 1 + fraction: three Newton steps.
// Source: gemmlowp fixedpoint.h, one_over_one_plus_x_for_x_in_0_1.
inline q31 one_over(q31 half) {
  q31 x = q31(fixed(1515870810) + times(half, fixed(-1010580540)));
  for (int step = 0; step < 3; step++) {
    const q31 error = q31(fixed(1 << 29) - times(half, x));
    x = q31(x + clipped32(sint<68>(sint<68>(times(x, error)) << 2)));
  }
  return clipped32(sint<68>(sint<68>(x) << 1));
}

// Zeros above the leading one of 32 bits.
inline int leading_zeros(q31 x) {
  int zeros = 32;
  HWC_CATAPULT(hls_unroll yes)
  for (int i = 0; i < 32; i++) {
    HWC_VITIS(HLS unroll)
    if (x >= fixed(1LL << i)) zeros = 31 - i;
  }
  return zeros;
}

// log(x) in Q5.26 of x >= 1 in Q12.19. Model: `logarithm` of hwcomp/ir/ops/log_softmax.py.
inline q31 logarithm(q31 x) {
  const q31 sqrt_half = fixed(1518500250);
  const q31 sqrt_sqrt_half = fixed(1805811301);
  const q31 quarter = fixed(1 << 23);
  const int high = leading_zeros(x);
  const q31 mantissa = saturating_shift(times(saturating_shift(x, high - 1), sqrt_half), 1);
  const q31 power_a = clipped32(saturating_shift(fixed(12 - high), 25) + quarter);
  const int headroom = leading_zeros(times(x, sqrt_half)) - 1;
  const q31 power_b = clipped32(saturating_shift(fixed(12 - headroom), 25) - quarter);
  const q31 moved = saturating_shift(x, headroom);
  const q31 r = mantissa < moved ? mantissa : moved;
  const q31 power = power_a > power_b ? power_a : power_b;
  const q31 p = q31(sint<37>(r + sqrt_sqrt_half + fixed(1)) >> 1);
  const q31 q = q31(sint<36>(r - sqrt_sqrt_half) << 1);
  const q31 square = times(q, q);
  const q31 numerator = q31(times(q, r) + times(times(q, square), fixed(117049297)));
  const q31 inner = q31(fixed(1057819769) + q + times(square, fixed(127690142)));
  const q31 denominator = q31(times(p, inner) + times(q, fixed(638450708)));
  const q31 half = q31(sint<36>(denominator + fixed(2147483648LL)) >> 1);
  const q31 quotient = times(rounding_shift(numerator, 6), one_over(half));
  return saturating_shift(q31(times(power, fixed(1488522236)) + quotient), 1);
}

// The elements of a vector are stored; gives the greatest.
template <class C, class In> In load_vector(stream<beat<In, 1>>& in, In element[C::Channels]) {
  In most = In(0);
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::Channels; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const In x = in.read().lane[0];
    element[i] = x;
    if (i == 0 || x > most) most = x;
  }
  return most;
}

// The sum of a table's entries for the distances of all elements from the greatest.
template <class C, int Width, int Bits, class In, class S>
uint<Width> sum_vector(const In element[C::Channels], In most, const S summands[C::Entries][1]) {
  uint<Width> sum = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::Channels; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    sum = sum + rom<Bits, false>::value(summands[most.to_int() - element[i].to_int()][0]);
  }
  return sum;
}

template <class C, class Out> Out clamped(sint<40> y) {
  if (y > C::Hi) return Out(C::Hi);
  if (y < C::Lo) return Out(C::Lo);
  return Out(y);
}

// RTL: hwc_softmax. Model: hwcomp/ir/ops/softmax.py.
template <class C, class In, class Out, class E, class S>
void softmax(stream<beat<In, 1>>& in, stream<beat<Out, 1>>& out, const E exponentials[C::Entries][1],
             const S summands[C::Entries][1]) {
  constexpr int width = 32 + log2_ceil(C::Channels);
  In element[C::Channels];
  for (int vector = 0; vector < C::OutBeats / C::Channels; vector++) {
    const In most = load_vector<C>(in, element);
    uint<width> sum = sum_vector<C, width, 32>(element, most, summands);
    // The leading one goes to the highest bit.
    const uint<width> highest = uint<width>(1) << (width - 1);
    int zeros = 0;
    HWC_CATAPULT(hls_pipeline_init_interval 1)
    for (int i = 0; i < width; i++) {
      HWC_VITIS(HLS pipeline II = 1)
      if (sum < highest) {
        sum = sum << 1;
        zeros++;
      }
    }
    // The highest 32 bits without the last: half of 1 + fraction in Q0.31.
    const q31 scale = one_over(q31(uint<width>(sum >> (width - 31))));
    const int shift = C::IntegerBits - 1 + width - C::OutBits - zeros;
    HWC_CATAPULT(hls_pipeline_init_interval 1)
    for (int i = 0; i < C::Channels; i++) {
      HWC_VITIS(HLS pipeline II = 1)
      const q31 exponential = rom<31, false>::value(exponentials[most.to_int() - element[i].to_int()][0]);
      // Half away from zero of what is not negative.
      const sint<36> doubled = sint<36>(times(scale, exponential)) << 1;
      const sint<38> level = sint<38>(sint<36>(doubled >> shift) + sint<2>(1)) >> 1;
      beat<Out, 1> y;
      y.lane[0] = clamped<C, Out>(level + sint<33>(C::Zero));
      out.write(y);
    }
  }
}

// log(total / 2^31) in Q5.26 of the sum of a wide log-softmax, not below 0, rounded by 2^LogShift.
template <class C, int Width> q31 log_of_sum(uint<Width> total) {
  int down = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 31; i < Width; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    if ((total >> i) > 0) down = i - 30;
  }
  const sint<50> power = sint<7>(down - 12) * sint<41>(762123384786LL);
  q31 whole = q31(logarithm(q31(uint<Width>(total >> down))) + sint<50>(sint<50>(power + sint<15>(1 << 13)) >> 14));
  if (whole < 0) whole = 0;
  return rounding_shift(whole, C::LogShift);
}

// RTL: hwc_log_softmax. Models: hwcomp/ir/ops/log_softmax.py and, where IsWide, wide_log_softmax.py.
template <class C, class In, class Out, class D, class S>
void log_softmax(stream<beat<In, 1>>& in, stream<beat<Out, 1>>& out, const D differences[C::Entries][1],
                 const S summands[C::Entries][1]) {
  constexpr int width = 31 + (C::IsWide ? log2_ceil(C::Channels) : 0);
  In element[C::Channels];
  for (int vector = 0; vector < C::OutBeats / C::Channels; vector++) {
    const In most = load_vector<C>(in, element);
    const uint<width> total = sum_vector<C, width, 31>(element, most, summands);
    const q31 log = C::IsWide ? log_of_sum<C, width>(total) : logarithm(q31(uint<31>(total)));
    const q31 least = C::IsWide ? fixed(0)
                                : rounding_shift(times(q31(log - fixed(2147483648LL)), fixed(C::Reverse)),
                                                 C::ReverseShift);
    HWC_CATAPULT(hls_pipeline_init_interval 1)
    for (int i = 0; i < C::Channels; i++) {
      HWC_VITIS(HLS pipeline II = 1)
      const int distance = most.to_int() - element[i].to_int();
      const q31 left = q31(rom<32, true>::value(differences[distance][0]) - log);
      const bool is_seen = distance <= C::Radius && least < fixed(-distance);
      beat<Out, 1> y;
      if (C::IsWide) {
        y.lane[0] = Out(left);
      } else {
        y.lane[0] = is_seen ? clamped<C, Out>(rounding_shift(left, 22) + sint<33>(C::Hi)) : Out(C::Lo);
      }
      out.write(y);
    }
  }
}

}  // namespace hwc

#endif
