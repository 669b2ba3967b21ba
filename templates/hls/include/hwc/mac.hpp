// Matrix-vector units, depthwise units, products of two activations. A call is a frame.
#ifndef HWC_MAC_HPP
#define HWC_MAC_HPP

#include "types.hpp"

namespace hwc {

// A constant matrix as shifts and sums, all results of a vector at once: C::Sums has the statements.
// RTL: a module of its own for each layer.
template <class C, class In, class Out, int N, int M> void adders(stream<beat<In, N>>& in, stream<beat<Out, M>>& out) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, N> x = in.read();
    beat<Out, M> y;
    C::Sums::template of<beat<In, N>, beat<Out, M>, Out>(x, y);
    out.write(y);
  }
}

// acc[o] = bias[o] + sum_k x[k] * w[o][k], Pe results and Simd inputs at a time. RTL: hwc_mvu.
//
// weights[(set * groups + group of Pe results) * beats + beat][pe * Simd + i], bias[set * groups + group][pe]; vectors
// meet Sets matrices in turn. The vector is kept while it is used for the other groups; a stream that waits before this
// module has a vector's depth more, so that the next one arrives.
template <class C, class In, class Out, class W, class B>
void mvu(stream<beat<In, C::Simd>>& in, stream<beat<Out, C::Pe>>& out,
         const W weights[C::Sets * (C::OutChannels / C::Pe) * (C::InChannels / C::Simd)][C::Pe * C::Simd],
         const B bias[C::Sets * (C::OutChannels / C::Pe)][C::Pe]) {
  constexpr int beats = C::InChannels / C::Simd;
  constexpr int groups = C::OutChannels / C::Pe;
  constexpr int grown = larger(C::AccWidth, C::InWidth + C::WeightWidth + log2_ceil(C::InChannels)) + 1;
  HWC_VITIS(HLS array_reshape variable = weights complete dim = 2)
  HWC_VITIS(HLS array_reshape variable = bias complete dim = 2)
  beat<In, C::Simd> held[beats];
  accumulator<C::AccWidth, grown> acc[C::Pe];
  HWC_VITIS(HLS array_partition variable = acc complete)
  int set = 0;
  for (int vector = 0; vector < C::InBeats / beats; vector++) {
    for (int group = 0; group < groups; group++) {
      HWC_CATAPULT(hls_pipeline_init_interval 1)
      for (int i = 0; i < beats; i++) {
        HWC_VITIS(HLS pipeline II = 1)
        if (group == 0) held[i] = in.read();
        const beat<In, C::Simd> x = held[i];
        const int own = set * groups + group;
        const int word = own * beats + i;
        HWC_CATAPULT(hls_unroll yes)
        for (int pe = 0; pe < C::Pe; pe++) {
          HWC_VITIS(HLS unroll)
          accumulator<C::AccWidth, grown> sum = acc[pe];
          if (i == 0) sum = accumulator<C::AccWidth, grown>(rom<C::AccWidth, true>::value(bias[own][pe]));
          HWC_CATAPULT(hls_unroll yes)
          for (int s = 0; s < C::Simd; s++) {
            HWC_VITIS(HLS unroll)
            const int place = pe * C::Simd + s;
            sum.add(product<C::MultStyle>(x.lane[s], rom<C::WeightWidth, true>::value(weights[word][place])));
          }
          acc[pe] = sum;
        }
        if (i == beats - 1) {
          beat<Out, C::Pe> y;
          for (int pe = 0; pe < C::Pe; pe++) {
            HWC_VITIS(HLS unroll)
            y.lane[pe] = acc[pe].value();
          }
          out.write(y);
        }
      }
    }
    set = set == C::Sets - 1 ? 0 : set + 1;
  }
}

// Results of one channel each, Multiplier of them a channel: Lanes results, Taps taps at a time; beats are [tap][lane].
// RTL: hwc_dwu.
template <class C, class In, class Out, class W, class B>
void dwu(stream<beat<In, C::Taps*(C::Lanes / C::Multiplier)>>& in, stream<beat<Out, C::Lanes>>& out,
         const W weights[(C::Channels / C::Lanes) * (C::KernelTaps / C::Taps)][C::Taps * C::Lanes],
         const B bias[C::Channels / C::Lanes][C::Lanes]) {
  constexpr int beats = C::KernelTaps / C::Taps;
  constexpr int groups = C::Channels / C::Lanes;
  constexpr int grown = larger(C::AccWidth, C::InWidth + C::WeightWidth + log2_ceil(C::KernelTaps)) + 1;
  HWC_VITIS(HLS array_reshape variable = weights complete dim = 2)
  HWC_VITIS(HLS array_reshape variable = bias complete dim = 2)
  accumulator<C::AccWidth, grown> acc[C::Lanes];
  HWC_VITIS(HLS array_partition variable = acc complete)
  for (int pixel = 0; pixel < C::InBeats / (beats * groups); pixel++) {
    for (int group = 0; group < groups; group++) {
      HWC_CATAPULT(hls_pipeline_init_interval 1)
      for (int i = 0; i < beats; i++) {
        HWC_VITIS(HLS pipeline II = 1)
        const beat<In, C::Taps*(C::Lanes / C::Multiplier)> x = in.read();
        const int word = group * beats + i;
        HWC_CATAPULT(hls_unroll yes)
        for (int lane = 0; lane < C::Lanes; lane++) {
          HWC_VITIS(HLS unroll)
          accumulator<C::AccWidth, grown> sum = acc[lane];
          if (i == 0) sum = accumulator<C::AccWidth, grown>(rom<C::AccWidth, true>::value(bias[group][lane]));
          HWC_CATAPULT(hls_unroll yes)
          for (int t = 0; t < C::Taps; t++) {
            HWC_VITIS(HLS unroll)
            const int from = t * (C::Lanes / C::Multiplier) + lane / C::Multiplier;
            sum.add(product<C::MultStyle>(x.lane[from],
                                          rom<C::WeightWidth, true>::value(weights[word][t * C::Lanes + lane])));
          }
          acc[lane] = sum;
        }
        if (i == beats - 1) {
          beat<Out, C::Lanes> y;
          for (int lane = 0; lane < C::Lanes; lane++) {
            HWC_VITIS(HLS unroll)
            y.lane[lane] = acc[lane].value();
          }
          out.write(y);
        }
      }
    }
  }
}

// b [Inner, Columns] of one product is stored.
template <class C, class T> void matmul_load(stream<T>& in, T stored[C::Inner * (C::Columns / C::Pe)]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::Inner * (C::Columns / C::Pe); i++) {
    HWC_VITIS(HLS pipeline II = 1)
    stored[i] = in.read();
  }
}

template <class C, class A, class B, class Out>
void matmul_rows(stream<beat<A, 1>>& in, const beat<B, C::Pe> stored[C::Inner * (C::Columns / C::Pe)],
                 stream<beat<Out, C::Pe>>& out) {
  constexpr int groups = C::Columns / C::Pe;
  constexpr int grown = larger(C::AccWidth, C::AWidth + C::BWidth + 4 + log2_ceil(C::Inner)) + 1;
  // An element less its zero point.
  typedef sint<C::AWidth + 2> a_type;
  typedef sint<C::BWidth + 2> b_type;
  a_type held[C::Inner];
  accumulator<C::AccWidth, grown> acc[C::Pe];
  HWC_VITIS(HLS array_partition variable = acc complete)
  for (int row = 0; row < C::Rows; row++) {
    for (int group = 0; group < groups; group++) {
      HWC_CATAPULT(hls_pipeline_init_interval 1)
      for (int k = 0; k < C::Inner; k++) {
        HWC_VITIS(HLS pipeline II = 1)
        if (group == 0) held[k] = a_type(in.read().lane[0] - a_type(C::AZero));
        const a_type a = held[k];
        const beat<B, C::Pe> b = stored[k * groups + group];
        beat<Out, C::Pe> y;
        HWC_CATAPULT(hls_unroll yes)
        for (int pe = 0; pe < C::Pe; pe++) {
          HWC_VITIS(HLS unroll)
          accumulator<C::AccWidth, grown> sum = acc[pe];
          if (k == 0) sum = accumulator<C::AccWidth, grown>(sint<2>(0));
          sum.add(product<C::MultStyle>(a, b_type(b.lane[pe] - b_type(C::BZero))));
          acc[pe] = sum;
        }
        if (k == C::Inner - 1) {
          for (int pe = 0; pe < C::Pe; pe++) {
            HWC_VITIS(HLS unroll)
            y.lane[pe] = acc[pe].value();
          }
          out.write(y);
        }
      }
    }
  }
}

// a [Rows, Inner] element by element, b in beats of Pe columns. RTL: hwc_matmul.
template <class C, class A, class B, class Out>
void matmul(stream<beat<A, 1>>& in, stream<beat<B, C::Pe>>& in1, stream<beat<Out, C::Pe>>& out) {
  for (int i = 0; i < C::OutBeats / (C::Rows * (C::Columns / C::Pe)); i++) {
    HWC_VITIS(HLS dataflow)
    beat<B, C::Pe> stored[C::Inner * (C::Columns / C::Pe)];
    matmul_load<C>(in1, stored);
    matmul_rows<C>(in, stored, out);
  }
}

}  // namespace hwc

#endif
