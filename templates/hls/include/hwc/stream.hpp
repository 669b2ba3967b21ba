// Modules that move beats and compute nothing. A call is a frame; C has the module's parameters, by the names of
// rtl/lib, and InBeats and OutBeats, the beats of a frame of its first input and its first output.
#ifndef HWC_STREAM_HPP
#define HWC_STREAM_HPP

#include "types.hpp"

namespace hwc {

// Every beat to every output.
template <class C, class T, class... Outs> void fork(stream<T>& in, Outs&... outs) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const T x = in.read();
    const int each[] = {(outs.write(x), 0)...};
    (void)each;
  }
}

// Nobody wants these beats.
template <class C, class T> void sink(stream<T>& in) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    in.read();
  }
}

// InLanes to OutLanes elements a beat: one divides the other.
template <class C, class T>
void width(stream<beat<T, C::InLanes>>& in, stream<beat<T, C::OutLanes>>& out) {
  constexpr int wide = larger(C::InLanes, C::OutLanes);
  constexpr int parts = wide / (C::InLanes + C::OutLanes - wide);
  beat<T, wide> kept;
  HWC_VITIS(HLS array_partition variable = kept.lane complete)
  int part = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < larger(C::InBeats, C::OutBeats); i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const bool is_last = part == parts - 1;
    if (C::InLanes >= C::OutLanes ? part == 0 : true) {
      const beat<T, C::InLanes> x = in.read();
      for (int lane = 0; lane < C::InLanes; lane++) {
        HWC_VITIS(HLS unroll)
        kept.lane[C::InLanes >= C::OutLanes ? lane : part * C::InLanes + lane] = x.lane[lane];
      }
    }
    if (C::InLanes >= C::OutLanes ? true : is_last) {
      beat<T, C::OutLanes> y;
      for (int lane = 0; lane < C::OutLanes; lane++) {
        HWC_VITIS(HLS unroll)
        y.lane[lane] = kept.lane[C::InLanes >= C::OutLanes ? part * C::OutLanes + lane : lane];
      }
      out.write(y);
    }
    part = is_last ? 0 : part + 1;
  }
}

// Beats [Start, Start + Count) of every Period.
template <class C, class T> void take(stream<T>& in, stream<T>& out) {
  int place = 0;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const T x = in.read();
    if (place >= C::Start && place < C::Start + C::Count) out.write(x);
    place = place == C::Period - 1 ? 0 : place + 1;
  }
}

// In each round Burst beats of each input in turn; elements are brought to the output's type.
template <int Burst, class In, class Out, int N> int burst(stream<beat<In, N>>& in, stream<beat<Out, N>>& out) {
  HWC_VITIS(HLS inline)
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < Burst; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<In, N> x = in.read();
    beat<Out, N> y;
    for (int lane = 0; lane < N; lane++) {
      HWC_VITIS(HLS unroll)
      y.lane[lane] = x.lane[lane];
    }
    out.write(y);
  }
  return 0;
}

template <int... Bursts> struct bursts {
  template <class Out, class... Ins> static void round(Out& out, Ins&... ins) {
    HWC_VITIS(HLS inline)
    const int each[] = {burst<Bursts>(ins, out)...};
    (void)each;
  }
};

template <class C, class Out, class... Ins> void concat(Out& out, Ins&... ins) {
  for (int i = 0; i < C::Rounds; i++) C::Bursts::round(out, ins...);
}

// A part of a frame is stored, then read in the order of a ROM.
template <class T, int InBeats> struct frame {
  T beats[InBeats];
};

template <class C, class T> void fill(stream<T>& in, T stored[C::InBeats]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::InBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    stored[i] = in.read();
  }
}

template <class C, class T, class A>
void drain(const T stored[C::InBeats], stream<T>& out, const A order[C::OutBeats][1]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::OutBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    out.write(stored[static_cast<int>(order[i][0])]);
  }
}

// One part: two processes, which work on two frames at once.
template <class C, class T, class A>
typename std::enable_if<C::Parts == 1>::type permute(stream<T>& in, stream<T>& out, const A order[C::OutBeats][1]) {
  HWC_VITIS(HLS dataflow)
  T stored[C::InBeats];
  fill<C>(in, stored);
  drain<C>(stored, out, order);
}

// Several: two processes, which work on two parts at once.
template <class C, class T, class A>
typename std::enable_if<(C::Parts > 1)>::type permute(stream<T>& in, stream<T>& out, const A order[C::OutBeats][1]) {
  for (int part = 0; part < C::Parts; part++) {
    HWC_VITIS(HLS dataflow)
    T stored[C::InBeats];
    fill<C>(in, stored);
    drain<C>(stored, out, order);
  }
}

// The same frame every time.
template <class C, class T, int N, class R> void constant(stream<beat<T, N>>& out, const R words[C::OutBeats][N]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::OutBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    beat<T, N> y;
    for (int lane = 0; lane < N; lane++) {
      HWC_VITIS(HLS unroll)
      y.lane[lane] = rom<traits<T>::width, traits<T>::sign>::value(words[i][lane]);
    }
    out.write(y);
  }
}

// What the frame before left, and what this one leaves. The top level moves the second to the first between frames.
template <class C, class T> void state_read(const T kept[C::OutBeats], stream<T>& out) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::OutBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    out.write(kept[i]);
  }
}

template <class C, class From, class T, int N>
void state_write(stream<beat<From, N>>& in, beat<T, N> next[C::OutBeats]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::OutBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<From, N> x = in.read();
    for (int lane = 0; lane < N; lane++) {
      HWC_VITIS(HLS unroll)
      next[i].lane[lane] = x.lane[lane];
    }
  }
}

template <class C, class T> void state_keep(T kept[C::OutBeats], const T next[C::OutBeats]) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::OutBeats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    kept[i] = next[i];
  }
}

}  // namespace hwc

#endif
