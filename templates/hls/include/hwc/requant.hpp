// Requant: n streams times constants, offset, shift, ties, clamp. RTL: hwc_requant. Model: hwcomp/ir/dyadic.py.
#ifndef HWC_REQUANT_HPP
#define HWC_REQUANT_HPP

#include "types.hpp"

namespace hwc {

// What a Requant without a correction below zero passes for its amounts.
static const rom<1, false>::type no_amounts[1][1] = {{0}};

// From the sum of products p to the result:
//   acc = p + offset - (amount where p + NegativeBias < 0);  q = acc >> Shift, less one for ties;  clamp(q + Zero).
template <class C, class Out>
Out requant_rounded(sint<C::AccWidth> p, sint<C::OffsetWidth> offset, uint<C::AmountWidth> amount) {
  HWC_VITIS(HLS inline)
  constexpr int shift = C::Shift < C::AccWidth ? C::Shift : C::AccWidth - 1;
  sint<C::AccWidth> acc = p + offset;
  if (C::HasNegative && p + sint<64>(C::NegativeBias) < 0) acc = acc - amount;
  sint<C::AccWidth> q = acc >> shift;
  const bool is_exact = C::Shift < C::AccWidth ? acc == (q << shift) : acc == 0;
  // A bit more: q may have one alone.
  const sint<C::AccWidth + 1> half = q >> 1;
  const bool is_odd = !((half << 1) == q);
  const bool is_lower = (C::Tie == tie_even && is_exact && is_odd) || (C::Tie == tie_away && is_exact && p < 0);
  // A zero point and the clamp are 32 bits.
  sint<larger(C::AccWidth, 32) + 2> level = q + sint<33>(C::Zero);
  if (is_lower) level = level - sint<2>(1);
  if (level < C::Lo) level = C::Lo;
  if (level > C::Hi) level = C::Hi;
  return Out(level);
}

template <class C, class Out, class In, class... In1s, class M, class R, class A>
void requant_beats(stream<beat<Out, C::Lanes>>& out, const M mult[][C::Inputs * C::Sets], const R offset[][C::Sets],
                   const A amount[][C::HasNegative ? C::Sets : 1], stream<beat<In, C::Lanes>>& in, In1s&... in1s) {
  HWC_VITIS(HLS inline)
  typedef integer<C::In1Width, C::In1Signed != 0> in1_type;
  typedef rom<C::MultWidth, C::MultSigned != 0> mult_rom;
  int group = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, C::Lanes> x = in.read();
    // One more than there are, for there may be none.
    const beat<in1_type, C::Lanes> others[] = {in1s.read()..., beat<in1_type, C::Lanes>()};
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      const int set = C::Sets == 1 ? 0 : lane;
      accumulator<C::AccWidth, C::AccWidth + 8> p(
          product<C::MultStyle>(x.lane[lane], mult_rom::value(mult[group][set])));
      for (int other = 0; other < C::Inputs - 1; other++) {
        HWC_VITIS(HLS unroll)
        const int own = (other + 1) * C::Sets + set;
        p.add(product<C::MultStyle>(others[other].lane[lane], mult_rom::value(mult[group][own])));
      }
      y.lane[lane] = requant_rounded<C, Out>(
          p.value(), rom<C::OffsetWidth, true>::value(offset[group][set]),
          rom<C::AmountWidth, false>::value(amount[C::HasNegative ? group : 0][C::HasNegative ? set : 0]));
    }
    out.write(y);
    group = group == C::Words - 1 ? 0 : group + 1;
  }
}

// mult[word][input * Sets + set], offset[word][set], amount[word][set]; a word for each beat in turn.
template <class C, class Out, class... Ins, class M, class R, class A>
void requant(stream<beat<Out, C::Lanes>>& out, const M mult[C::Words][C::Inputs * C::Sets],
             const R offset[C::Words][C::Sets],
             const A amount[C::HasNegative ? C::Words : 1][C::HasNegative ? C::Sets : 1], Ins&... ins) {
  HWC_VITIS(HLS array_reshape variable = mult complete dim = 2)
  HWC_VITIS(HLS array_reshape variable = offset complete dim = 2)
  HWC_VITIS(HLS array_reshape variable = amount complete dim = 2)
  requant_beats<C>(out, mult, offset, amount, ins...);
}

}  // namespace hwc

#endif
