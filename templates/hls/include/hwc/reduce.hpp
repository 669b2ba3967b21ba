// Pools, reductions, indices of maxima. A call is a frame.
#ifndef HWC_REDUCE_HPP
#define HWC_REDUCE_HPP

#include "types.hpp"

namespace hwc {

// Maximum or sum over the taps of a window's beat, [tap][lane]. RTL: hwc_pool.
template <class C, class In, class Out>
void pool(stream<beat<In, C::Taps * C::Lanes>>& in, stream<beat<Out, C::Lanes>>& out) {
  typedef sint<larger(C::Width, C::OutWidth) + 2 + log2_ceil(C::Taps)> wide;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, C::Taps * C::Lanes> x = in.read();
    beat<Out, C::Lanes> y;
    HWC_CATAPULT(hls_unroll yes)
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      wide kept = x.lane[lane];
      HWC_CATAPULT(hls_unroll yes)
      for (int tap = 1; tap < C::Taps; tap++) {
        HWC_VITIS(HLS unroll)
        const wide next = x.lane[tap * C::Lanes + lane];
        if (!C::IsMax) kept = kept + next;
        if (C::IsMax && next > kept) kept = next;
      }
      y.lane[lane] = Out(kept);
    }
    out.write(y);
  }
}

// Sum or maximum over Pixels pixels, for each channel. RTL: hwc_reduce.
template <class C, class In, class Out>
void reduce(stream<beat<In, C::Lanes>>& in, stream<beat<Out, C::Lanes>>& out) {
  constexpr int groups = C::Channels / C::Lanes;
  typedef sint<larger(C::Width + 1 + log2_ceil(C::Pixels), C::OutWidth + 1)> wide;
  beat<wide, C::Lanes> kept[groups];
  for (int frame = 0; frame < C::OutBeats / groups; frame++) {
    for (int pixel = 0; pixel < C::Pixels; pixel++) {
      HWC_CATAPULT(hls_pipeline_init_interval 1)
      for (int group = 0; group < groups; group++) {
        HWC_VITIS(HLS pipeline II = 1)
        const beat<In, C::Lanes> x = in.read();
        beat<wide, C::Lanes> both = kept[group];
        beat<Out, C::Lanes> y;
        HWC_CATAPULT(hls_unroll yes)
        for (int lane = 0; lane < C::Lanes; lane++) {
          HWC_VITIS(HLS unroll)
          const wide next = x.lane[lane];
          if (pixel == 0) {
            both.lane[lane] = next;
          } else if (!C::IsMax) {
            both.lane[lane] = both.lane[lane] + next;
          } else if (next > both.lane[lane]) {
            both.lane[lane] = next;
          }
        }
        kept[group] = both;
        if (pixel == C::Pixels - 1) {
          for (int lane = 0; lane < C::Lanes; lane++) {
            HWC_VITIS(HLS unroll)
            y.lane[lane] = Out(both.lane[lane]);
          }
          out.write(y);
        }
      }
    }
  }
}

// Index of the greatest of Channels elements. RTL: hwc_argmax.
template <class C, class In, class Out> void argmax(stream<beat<In, 1>>& in, stream<beat<Out, 1>>& out) {
  for (int vector = 0; vector < C::OutBeats; vector++) {
    In best = In(0);
    int place = 0;
    HWC_CATAPULT(hls_pipeline_init_interval 1)
    for (int i = 0; i < C::Channels; i++) {
      HWC_VITIS(HLS pipeline II = 1)
      const In x = in.read().lane[0];
      if (i == 0 || x > best || (C::SelectLast && x == best)) {
        best = x;
        place = i;
      }
    }
    beat<Out, 1> y;
    y.lane[0] = Out(place);
    out.write(y);
  }
}

}  // namespace hwc

#endif
