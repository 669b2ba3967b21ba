// What the bench needs to look into a design: the values of a stream, which is left as it was.
#ifndef HWC_TAP_HPP
#define HWC_TAP_HPP

#include "types.hpp"

// The bench has it: `values` [beats * lanes] of stream `index`, once a frame.
void hwc_tapped(int index, const long long* values, int count);

#include <vector>

namespace hwc {

template <class T, int N> void tap(int index, stream<beat<T, N>>& s, int beats) {
  std::vector<long long> values;
  values.reserve(static_cast<std::size_t>(beats) * N);
  for (int i = 0; i < beats; i++) {
    const beat<T, N> x = s.read();
    for (int lane = 0; lane < N; lane++) values.push_back(x.lane[lane].to_int64());
    s.write(x);
  }
  hwc_tapped(index, values.data(), beats * N);
}

}  // namespace hwc

#endif
