/**
 * The windows of 6 output pixels as pairs of 16-bit halves, the activations of hwc_block6.
 * Private to kernels/cortex_m.
 */
#ifndef HWC_WINDOW6_H
#define HWC_WINDOW6_H

#include "hwc_block6.h"

#if HWC_HAVE_DSP

/** Where a block's pixels are, and the kernel rows of the pass. */
typedef struct {
  int32_t oh;
  int32_t ow;
  uint32_t first_row;
  uint32_t row_count;
} hwc_window6_t;

static inline void hwc_next_pixel(const hwc_conv2d_t *layer, hwc_window6_t *place) {
  place->ow++;
  if (place->ow == layer->out_width) {
    place->ow = 0;
    place->oh++;
  }
}

/** Writes the window of each pixel; past the last of `count`, the last again. */
void hwc_window6(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                 uint32_t *unpacked, uint8_t *gathered);

#endif
#endif
