// Native integers of exact width, for tests on any machine.
//
// Sums and products have the width that holds them, as with ap_int and ac_int. Where a value is stored in fewer bits
// and does not fit, the program stops: every width of the design is proved, so that means a mistake of the compiler.
// Model: the widths of ac_int (and of ap_int), 1 to 128 bits.
#ifndef HWC_TYPES_NATIVE_HPP
#define HWC_TYPES_NATIVE_HPP

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <vector>

#define HWC_VITIS(...)
#define HWC_CATAPULT(...)
#define HWC_CHANNEL

namespace hwc {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

[[noreturn]] inline void stop(const char* what, int bits) {
  std::fprintf(stderr, "hwc: %s (%d)\n", what, bits);
  std::abort();
}

// The least native type of at least Bits bits.
template <int Bits, bool S> struct storage {
  static_assert(Bits >= 1 && Bits <= 128, "integers have 1 to 128 bits");
  typedef typename std::conditional<
      (Bits <= 8), typename std::conditional<S, std::int8_t, std::uint8_t>::type,
      typename std::conditional<
          (Bits <= 16), typename std::conditional<S, std::int16_t, std::uint16_t>::type,
          typename std::conditional<
              (Bits <= 32), typename std::conditional<S, std::int32_t, std::uint32_t>::type,
              typename std::conditional<
                  (Bits <= 64), typename std::conditional<S, std::int64_t, std::uint64_t>::type,
                  typename std::conditional<S, int128, uint128>::type>::type>::type>::type>::type type;
};

struct exactly {};  // marks a value that is known to fit

template <int W, bool S> class integer {
 public:
  typedef typename storage<W, S>::type raw_type;

  integer() = default;
  template <class I, typename std::enable_if<std::is_integral<I>::value, int>::type = 0>
  integer(I x) : raw_(fitting(x)) {}
  template <int W2, bool S2> integer(const integer<W2, S2>& x) : raw_(converted(x)) {}
  integer(raw_type x, exactly) : raw_(x) {}

  raw_type raw() const { return raw_; }
  int to_int() const { return static_cast<int>(raw_); }
  long long to_int64() const { return static_cast<long long>(raw_); }

  integer operator>>(int n) const { return integer(static_cast<raw_type>(raw_ >> n), exactly()); }
  integer operator<<(int n) const { return integer(static_cast<int128>(raw_) * (static_cast<int128>(1) << n)); }
  integer(int128 x) : raw_(fitting(x)) {}

  template <class T> integer& operator+=(const T& x) { return *this = integer(*this + x); }

 private:
  template <class I> static raw_type fitting(I x) {
    const bool fits = S ? is_signed_fit(static_cast<int128>(x))
                        : static_cast<int128>(x) >= 0 && (W >= 127 || static_cast<int128>(x) >> (W < 127 ? W : 0) == 0);
    if (!fits) stop("a value does not fit its width", W);
    return static_cast<raw_type>(x);
  }
  static bool is_signed_fit(int128 x) {
    const int128 rest = x >> (W - 1);
    return rest == 0 || rest == -1;
  }
  template <int W2, bool S2> static raw_type converted(const integer<W2, S2>& x) {
    // Whether every value of the other type is one of this.
    const bool always = (S == S2 && W2 <= W) || (S && !S2 && W2 < W);
    if (always) return static_cast<raw_type>(x.raw());
    if (W2 <= 63 && W <= 63) {
      const std::int64_t y = static_cast<std::int64_t>(x.raw());
      const bool fits = S ? (y >> (W < 64 ? W - 1 : 63)) == (y >> 63) : y >= 0 && (y >> (W < 64 ? W : 63)) == 0;
      if (!fits) stop("a value does not fit its width", W);
      return static_cast<raw_type>(y);
    }
    return fitting(static_cast<int128>(x.raw()));
  }

  raw_type raw_;
};

template <class T> struct traits;
template <int W, bool S> struct traits<integer<W, S>> {
  static constexpr int width = W;
  static constexpr bool sign = S;
};

template <int W1, bool S1, int W2, bool S2> struct result {
  static constexpr int aligned1 = W1 + (S2 && !S1 ? 1 : 0);
  static constexpr int aligned2 = W2 + (S1 && !S2 ? 1 : 0);
  static constexpr int sum_width = (aligned1 > aligned2 ? aligned1 : aligned2) + 1;
  typedef integer<sum_width, (S1 || S2)> sum;
  typedef integer<sum_width, true> difference;
  typedef integer<W1 + W2, (S1 || S2)> product;
  // Holds both operands.
  typedef typename storage<(sum_width > 32 ? sum_width : 32), true>::type both;
};

template <int W1, bool S1, int W2, bool S2>
typename result<W1, S1, W2, S2>::sum operator+(const integer<W1, S1>& a, const integer<W2, S2>& b) {
  typedef typename result<W1, S1, W2, S2>::sum sum;
  typedef typename sum::raw_type raw;
  return sum(static_cast<raw>(static_cast<raw>(a.raw()) + static_cast<raw>(b.raw())), exactly());
}
template <int W1, bool S1, int W2, bool S2>
typename result<W1, S1, W2, S2>::difference operator-(const integer<W1, S1>& a, const integer<W2, S2>& b) {
  typedef typename result<W1, S1, W2, S2>::difference difference;
  typedef typename difference::raw_type raw;
  return difference(static_cast<raw>(static_cast<raw>(a.raw()) - static_cast<raw>(b.raw())), exactly());
}
template <int W1, bool S1, int W2, bool S2>
typename result<W1, S1, W2, S2>::product operator*(const integer<W1, S1>& a, const integer<W2, S2>& b) {
  typedef typename result<W1, S1, W2, S2>::product product;
  typedef typename product::raw_type raw;
  return product(static_cast<raw>(static_cast<raw>(a.raw()) * static_cast<raw>(b.raw())), exactly());
}

#define HWC_COMPARE(symbol)                                                                    \
  template <int W1, bool S1, int W2, bool S2>                                                  \
  bool operator symbol(const integer<W1, S1>& a, const integer<W2, S2>& b) {                   \
    typedef typename result<W1, S1, W2, S2>::both both;                                        \
    return static_cast<both>(a.raw()) symbol static_cast<both>(b.raw());                       \
  }                                                                                            \
  template <int W, bool S> bool operator symbol(const integer<W, S>& a, int b) {               \
    return a symbol integer<32, true>(b);                                                      \
  }
HWC_COMPARE(<)
HWC_COMPARE(>)
HWC_COMPARE(<=)
HWC_COMPARE(>=)
HWC_COMPARE(==)
HWC_COMPARE(!=)
#undef HWC_COMPARE

// A sum of many, of Grown bits on the way: modulo 2^W in the end, where it fits. It may begin with a bias that does
// not.
template <int W, int Grown> class accumulator {
 public:
  accumulator() = default;
  template <int W2, bool S2> explicit accumulator(const integer<W2, S2>& x) : raw_(static_cast<raw_type>(x.raw())) {}
  template <int W2, bool S2> void add(const integer<W2, S2>& x) { raw_ += static_cast<raw_type>(x.raw()); }
  integer<W, true> value() const {
    typedef typename storage<(Grown > 32 ? Grown : 32), false>::type bits;
    const int unused = static_cast<int>(sizeof(raw_type)) * 8 - W;
    const raw_type wrapped = static_cast<raw_type>(static_cast<bits>(raw_) << unused) >> unused;
    return integer<W, true>(static_cast<typename integer<W, true>::raw_type>(wrapped), exactly());
  }

 private:
  typedef integer<(Grown > 32 ? Grown : 32), true> wide;
  typedef typename wide::raw_type raw_type;
  raw_type raw_;
};

template <int W, bool S> struct rom {
  typedef typename storage<W, S>::type type;
  static integer<W, S> value(type x) { return integer<W, S>(x, exactly()); }
};

template <class T> class stream {
 public:
  T read() {
    if (head_ == beats_.size()) stop("a stream is read that is empty", 0);
    const T x = beats_[head_++];
    if (head_ == beats_.size()) {
      beats_.clear();
      head_ = 0;
    }
    return x;
  }
  void write(const T& x) { beats_.push_back(x); }
  bool empty() const { return beats_.empty(); }

 private:
  std::vector<T> beats_;
  std::size_t head_ = 0;
};

template <int W> struct word {
  std::uint8_t bytes[W / 8];
};

// Lane `lane` of Bits bits, a multiple of 8: its low bits as a T.
template <class T, int Bits, int W> T get_lane(const word<W>& data, int lane) {
  std::uint64_t bits = 0;
  for (int i = Bits / 8 - 1; i >= 0; i--) bits = bits << 8 | data.bytes[lane * (Bits / 8) + i];
  const int unused = 64 - traits<T>::width;
  if (traits<T>::sign) return T(static_cast<std::int64_t>(bits << unused) >> unused);
  return T(bits << unused >> unused);
}

// Writes lane `lane`, extended to Bits bits by its sign.
template <int Bits, int W, class T> void set_lane(word<W>& data, int lane, const T& x) {
  const std::int64_t bits = static_cast<std::int64_t>(x.raw());
  for (int i = 0; i < Bits / 8; i++) data.bytes[lane * (Bits / 8) + i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

template <int W> struct axis {
  word<W> data;
  bool last;
};
template <int W> axis<W> make_axis(const word<W>& data, bool last) { return axis<W>{data, last}; }

}  // namespace hwc

#endif
