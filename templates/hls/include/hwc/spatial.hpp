// Borders and sliding windows. A call is a frame of InBeats beats: as many images as those make.
#ifndef HWC_SPATIAL_HPP
#define HWC_SPATIAL_HPP

#include "types.hpp"

namespace hwc {

// Rows and columns of PadValue around each channel of the image. RTL: hwc_pad.
template <class C, class T> void pad(stream<beat<T, C::Lanes>>& in, stream<beat<T, C::Lanes>>& out) {
  constexpr int groups = C::Channels / C::Lanes;
  constexpr int images = C::InBeats / (C::InHeight * C::InWidth * groups);
  constexpr int rows = C::PadTop + C::InHeight + C::PadBottom;
  constexpr int row_beats = (C::PadLeft + C::InWidth + C::PadRight) * groups;
  constexpr int first = C::PadLeft * groups;
  constexpr int beyond = (C::PadLeft + C::InWidth) * groups;
  for (int image = 0; image < images; image++) {
    for (int row = 0; row < rows; row++) {
      HWC_CATAPULT(hls_pipeline_init_interval 1)
      for (int i = 0; i < row_beats; i++) {
        HWC_VITIS(HLS pipeline II = 1)
        beat<T, C::Lanes> y;
        for (int lane = 0; lane < C::Lanes; lane++) {
          HWC_VITIS(HLS unroll)
          y.lane[lane] = T(C::PadValue);
        }
        const bool is_image = row >= C::PadTop && row < C::PadTop + C::InHeight && i >= first && i < beyond;
        if (is_image) y = in.read();
        out.write(y);
      }
    }
  }
}

// A beat has all KernelHeight * KernelWidth taps of a group of Lanes channels, [tap][lane]. RTL: hwc_window.
//
// `above` holds the rows above the present one, the nearest first; `left` the columns of taps left of the present one.
template <class C, class T>
void window(stream<beat<T, C::Lanes>>& in, stream<beat<T, C::KernelHeight * C::KernelWidth * C::Lanes>>& out) {
  constexpr int groups = C::Channels / C::Lanes;
  constexpr int images = C::InBeats / (C::InHeight * C::InWidth * groups);
  constexpr int first_row = (C::KernelHeight - 1) * C::DilationHeight;
  constexpr int first_col = (C::KernelWidth - 1) * C::DilationWidth;
  static beat<T, C::Lanes> above[larger(first_row, 1)][C::InWidth * groups];
  static beat<T, C::Lanes> left[C::KernelHeight][larger(first_col, 1)][groups];
  HWC_VITIS(HLS array_partition variable = above complete dim = 1)
  HWC_VITIS(HLS array_partition variable = left complete dim = 1)
  HWC_VITIS(HLS array_partition variable = left complete dim = 2)
  for (int image = 0; image < images; image++) {
    int next_row = first_row;
    for (int row = 0; row < C::InHeight; row++) {
      const bool row_ends_windows = row == next_row;
      if (row_ends_windows) next_row += C::StrideHeight;
      int next_col = first_col;
      for (int col = 0; col < C::InWidth; col++) {
        const bool ends_window = row_ends_windows && col == next_col;
        if (col == next_col) next_col += C::StrideWidth;
        HWC_CATAPULT(hls_pipeline_init_interval 1)
        for (int group = 0; group < groups; group++) {
          HWC_VITIS(HLS pipeline II = 1)
          const int place = col * groups + group;
          const beat<T, C::Lanes> x = in.read();
          beat<T, C::Lanes> column[C::KernelHeight];
          column[C::KernelHeight - 1] = x;
          for (int ky = 0; ky < C::KernelHeight - 1; ky++) {
            HWC_VITIS(HLS unroll)
            column[ky] = above[(C::KernelHeight - 1 - ky) * C::DilationHeight - 1][place];
          }
          for (int r = first_row - 1; r > 0; r--) {
            HWC_VITIS(HLS unroll)
            above[r][place] = above[r - 1][place];
          }
          if (first_row > 0) above[0][place] = x;
          beat<T, C::KernelHeight * C::KernelWidth * C::Lanes> y;
          for (int ky = 0; ky < C::KernelHeight; ky++) {
            HWC_VITIS(HLS unroll)
            for (int kx = 0; kx < C::KernelWidth; kx++) {
              HWC_VITIS(HLS unroll)
              const int back = (C::KernelWidth - 1 - kx) * C::DilationWidth;
              const beat<T, C::Lanes> tap = back == 0 ? column[ky] : left[ky][larger(back, 1) - 1][group];
              for (int lane = 0; lane < C::Lanes; lane++) {
                HWC_VITIS(HLS unroll)
                y.lane[(ky * C::KernelWidth + kx) * C::Lanes + lane] = tap.lane[lane];
              }
            }
            for (int c = first_col - 1; c > 0; c--) {
              HWC_VITIS(HLS unroll)
              left[ky][c][group] = left[ky][c - 1][group];
            }
            if (first_col > 0) left[ky][0][group] = column[ky];
          }
          if (ends_window) out.write(y);
        }
      }
    }
  }
}

}  // namespace hwc

#endif
