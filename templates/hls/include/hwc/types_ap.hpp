// ap_int, hls::stream and the pragmas of Vitis HLS.
#ifndef HWC_TYPES_AP_HPP
#define HWC_TYPES_AP_HPP

#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 4096
#endif
#include <ap_int.h>
#include <hls_stream.h>
#if defined(__has_include)
#if __has_include(<ap_axi_sdata.h>)
#include <ap_axi_sdata.h>
#define HWC_HAS_AXIU
#endif
#endif

#define HWC_VITIS(...) _Pragma(#__VA_ARGS__)
#define HWC_CATAPULT(...)
#define HWC_CHANNEL

namespace hwc {

template <int W, bool S> struct integer_of;
template <int W> struct integer_of<W, true> {
  typedef ap_int<W> type;
};
template <int W> struct integer_of<W, false> {
  typedef ap_uint<W> type;
};
template <int W, bool S> using integer = typename integer_of<W, S>::type;

template <class T> struct traits;
template <int W> struct traits<ap_int<W>> {
  static constexpr int width = W;
  static constexpr bool sign = true;
};
template <int W> struct traits<ap_uint<W>> {
  static constexpr int width = W;
  static constexpr bool sign = false;
};

// A sum of many, modulo 2^W: in the end it fits.
template <int W, int Grown> class accumulator {
 public:
  accumulator() {}
  template <class T> explicit accumulator(const T& x) : sum_(x) {}
  template <class T> void add(const T& x) {
    HWC_VITIS(HLS inline)
    sum_ += x;
  }
  ap_int<W> value() const { return sum_; }

 private:
  ap_int<W> sum_;
};

template <int Bits, bool S> struct native;
template <> struct native<8, true> { typedef signed char type; };
template <> struct native<8, false> { typedef unsigned char type; };
template <> struct native<16, true> { typedef short type; };
template <> struct native<16, false> { typedef unsigned short type; };
template <> struct native<32, true> { typedef int type; };
template <> struct native<32, false> { typedef unsigned type; };
template <> struct native<64, true> { typedef long long type; };
template <> struct native<64, false> { typedef unsigned long long type; };

// In simulation constants are native integers, which compile fast; in synthesis they have their width.
template <int W, bool S> struct rom {
#ifdef __SYNTHESIS__
  typedef integer<W, S> type;
#else
  typedef typename native<(W <= 8 ? 8 : W <= 16 ? 16 : W <= 32 ? 32 : 64), S>::type type;
#endif
  static integer<W, S> value(type x) { return integer<W, S>(x); }
};

template <class T> using stream = hls::stream<T>;

template <int W> using word = ap_uint<W>;

template <class T, int Bits, int W> T get_lane(const ap_uint<W>& data, int lane) {
  HWC_VITIS(HLS inline)
  const ap_uint<Bits> bits = data.range((lane + 1) * Bits - 1, lane * Bits);
  return T(bits);
}

template <int Bits, int W, class T> void set_lane(ap_uint<W>& data, int lane, const T& x) {
  HWC_VITIS(HLS inline)
  const integer<Bits, traits<T>::sign> extended = x;
  data.range((lane + 1) * Bits - 1, lane * Bits) = extended;
}

#ifdef HWC_HAS_AXIU
template <int W> using axis = ap_axiu<W, 0, 0, 0>;
template <int W> axis<W> make_axis(const ap_uint<W>& data, bool last) {
  axis<W> made;
  made.data = data;
  made.keep = -1;
  made.strb = -1;
  made.last = last;
  return made;
}
#else
template <int W> struct axis {
  ap_uint<W> data;
  bool last;
};
template <int W> axis<W> make_axis(const ap_uint<W>& data, bool last) {
  axis<W> made;
  made.data = data;
  made.last = last;
  return made;
}
#endif

}  // namespace hwc

#endif
