// One element at a time: two streams, tables, thresholds. A call is a frame.
#ifndef HWC_ELEMENTWISE_HPP
#define HWC_ELEMENTWISE_HPP

#include "types.hpp"

namespace hwc {

// Exact sum, difference, product, minimum or maximum. RTL: hwc_binary.
template <class C, class Out, class A, class B> Out binary_lane(A a, B b) {
  HWC_VITIS(HLS inline)
  typedef sint<C::AWidth + 2> a_type;
  typedef sint<C::BWidth + 2> b_type;
  switch (C::Op) {
    case op_add: return Out(a + b);
    case op_sub: return Out(a - b);
    case op_mul: return Out(a_type(a - a_type(C::AZero)) * b_type(b - b_type(C::BZero)));
    case op_min: return a < b ? Out(a) : Out(b);
    default: return a > b ? Out(a) : Out(b);
  }
}

template <class C, class A, class B, class Out>
void binary(stream<beat<A, C::Lanes>>& in, stream<beat<B, C::Lanes>>& in1, stream<beat<Out, C::Lanes>>& out) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<A, C::Lanes> a = in.read();
    const beat<B, C::Lanes> b = in1.read();
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      y.lane[lane] = binary_lane<C, Out>(a.lane[lane], b.lane[lane]);
    }
    out.write(y);
  }
}

// clamp(floor(x / 2^Shift) + Zero, Lo, Hi). RTL: hwc_clamp.
template <class C, class In, class Out>
void clamp(stream<beat<In, C::Lanes>>& in, stream<beat<Out, C::Lanes>>& out) {
  typedef sint<larger(C::InWidth, C::OutWidth) + 2> wide;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, C::Lanes> x = in.read();
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      const wide q = wide(x.lane[lane]) >> C::Shift;
      const wide least = wide(C::Lo - C::Zero), most = wide(C::Hi - C::Zero);
      const wide kept = q < least ? least : q > most ? most : q;
      y.lane[lane] = Out(kept + wide(C::Zero));
    }
    out.write(y);
  }
}

// table[channel * Entries + x - InputMin]. RTL: hwc_lut.
template <class C, class In, class Out, class R>
void lut(stream<beat<In, C::Lanes>>& in, stream<beat<Out, C::Lanes>>& out, const R table[C::Channels * C::Entries][1]) {
  HWC_VITIS(HLS bind_storage variable = table type = rom_np impl = lutram)
  constexpr int groups = C::Channels > C::Lanes ? C::Channels / C::Lanes : 1;
  int group = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, C::Lanes> x = in.read();
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      const int channel = C::Channels > 1 ? group * C::Lanes + lane : 0;
      const int place = channel * C::Entries + x.lane[lane].to_int() - C::InputMin;
      y.lane[lane] = rom<C::OutWidth, traits<Out>::sign>::value(table[place][0]);
    }
    out.write(y);
    group = group == groups - 1 ? 0 : group + 1;
  }
}

// Base + how many of the channel's Levels thresholds are at most x. RTL: hwc_threshold.
template <class C, class In, class Out, class R>
void threshold(stream<beat<In, C::Lanes>>& in, stream<beat<Out, C::Lanes>>& out,
               const R thresholds[C::Words][C::Sets * C::Levels]) {
  HWC_VITIS(HLS array_reshape variable = thresholds complete dim = 2)
  int group = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, C::Lanes> x = in.read();
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      const int set = C::Sets == 1 ? 0 : lane;
      sint<33> level = C::Base;
      HWC_CATAPULT(hls_unroll yes)
      for (int k = 0; k < C::Levels; k++) {
        HWC_VITIS(HLS unroll)
        if (x.lane[lane] >= rom<C::InWidth + 1, C::InSigned != 0>::value(thresholds[group][set * C::Levels + k])) {
          level = level + sint<2>(1);
        }
      }
      y.lane[lane] = Out(level);
    }
    out.write(y);
    group = group == C::Words - 1 ? 0 : group + 1;
  }
}

}  // namespace hwc

#endif
