// AXI4-Stream at the edges of a design, and constants that come over it.
#ifndef HWC_EDGES_HPP
#define HWC_EDGES_HPP

#include "types.hpp"

namespace hwc {

// Elements in whole bytes, the first lowest. `error` is 1 where `tlast` is not with the last beat of the frame alone.
template <class C, class T>
void axis_in(stream<axis<C::Lanes * C::Bits>>& in, stream<beat<T, C::Lanes>>& out, uint<1>& error) {
  bool is_wrong = false;
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::Beats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const axis<C::Lanes * C::Bits> x = in.read();
    is_wrong = is_wrong || (x.last != 0) != (i == C::Beats - 1);
    beat<T, C::Lanes> y;
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      y.lane[lane] = get_lane<T, C::Bits>(x.data, lane);
    }
    out.write(y);
  }
  error = is_wrong ? 1 : 0;
}

template <class C, class T>
void axis_out(stream<beat<T, C::Lanes>>& in, stream<axis<C::Lanes * C::Bits>>& out) {
  HWC_CATAPULT(hls_pipeline_init_interval 1)
  for (int i = 0; i < C::Beats; i++) {
    HWC_VITIS(HLS pipeline II = 1)
    const beat<T, C::Lanes> x = in.read();
    word<C::Lanes * C::Bits> data;
    for (int lane = 0; lane < C::Lanes; lane++) {
      HWC_VITIS(HLS unroll)
      set_lane<C::Bits>(data, lane, x.lane[lane]);
    }
    out.write(make_axis<C::Lanes * C::Bits>(data, i == C::Beats - 1));
  }
}

// The words of a RAM, each from a new beat of 32 bits on, fields of Bits bits, the first lowest.
template <class C, class R> void load(stream<axis<32>>& in, R memory[C::Words][C::Fields]) {
  for (int i = 0; i < C::Words; i++) {
    uint<96> kept = 0;
    int filled = 0;
    for (int field = 0; field < C::Fields; field++) {
      if (filled < C::Bits) {
        kept = kept + uint<96>(uint<96>(get_lane<uint<32>, 32>(in.read().data, 0)) << filled);
        filled += 32;
      }
      if (filled < C::Bits) {
        kept = kept + uint<96>(uint<96>(get_lane<uint<32>, 32>(in.read().data, 0)) << filled);
        filled += 32;
      }
      const uint<96> rest = kept >> C::Bits;
      const uint<96> low = uint<96>(kept - uint<96>(rest << C::Bits));
      // Two's complement of Bits bits.
      const unsigned long long sign = C::Signed ? 1ULL << (C::Bits - 1) : 0;
      const unsigned long long value = (static_cast<unsigned long long>(low.to_int64()) ^ sign) - sign;
      memory[i][field] = static_cast<R>(static_cast<long long>(value));
      kept = rest;
      filled -= C::Bits;
    }
  }
}

}  // namespace hwc

#endif
