// ac_int, ac_channel and the pragmas of Catapult; also of other tools that take the Algorithmic C types.
#ifndef HWC_TYPES_AC_HPP
#define HWC_TYPES_AC_HPP

#include <ac_channel.h>
#include <ac_int.h>

#define HWC_VITIS(...)
#define HWC_CATAPULT(...) _Pragma(#__VA_ARGS__)
#define HWC_CHANNEL static

namespace hwc {

template <int W, bool S> using integer = ac_int<W, S>;

template <class T> struct traits;
template <int W, bool S> struct traits<ac_int<W, S>> {
  static constexpr int width = W;
  static constexpr bool sign = S;
};

// A sum of many, modulo 2^W: in the end it fits.
template <int W, int Grown> class accumulator {
 public:
  accumulator() {}
  template <class T> explicit accumulator(const T& x) : sum_(x) {}
  template <class T> void add(const T& x) { sum_ += x; }
  ac_int<W, true> value() const { return sum_; }

 private:
  ac_int<W, true> sum_;
};

// In simulation constants are native integers, which compile fast; in synthesis they have their width.
template <int Bits, bool S> struct native;
template <> struct native<8, true> { typedef signed char type; };
template <> struct native<8, false> { typedef unsigned char type; };
template <> struct native<16, true> { typedef short type; };
template <> struct native<16, false> { typedef unsigned short type; };
template <> struct native<32, true> { typedef int type; };
template <> struct native<32, false> { typedef unsigned type; };
template <> struct native<64, true> { typedef long long type; };
template <> struct native<64, false> { typedef unsigned long long type; };

template <int W, bool S> struct rom {
#ifdef __SYNTHESIS__
  typedef ac_int<W, S> type;
#else
  typedef typename native<(W <= 8 ? 8 : W <= 16 ? 16 : W <= 32 ? 32 : 64), S>::type type;
#endif
  static ac_int<W, S> value(type x) { return ac_int<W, S>(x); }
};

template <class T> using stream = ac_channel<T>;

template <int W> using word = ac_int<W, false>;

template <class T, int Bits, int W> T get_lane(const ac_int<W, false>& data, int lane) {
  return T(data.template slc<Bits>(lane * Bits));
}

template <int Bits, int W, class T> void set_lane(ac_int<W, false>& data, int lane, const T& x) {
  const ac_int<Bits, traits<T>::sign> extended = x;
  data.set_slc(lane * Bits, extended);
}

template <int W> struct axis {
  ac_int<W, false> data;
  bool last;
};
template <int W> axis<W> make_axis(const ac_int<W, false>& data, bool last) {
  axis<W> made;
  made.data = data;
  made.last = last;
  return made;
}

}  // namespace hwc

#endif
