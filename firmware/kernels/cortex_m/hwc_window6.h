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

/** Words of 4 inputs of a pixel's window. */
static inline uint32_t hwc_window_words(const hwc_conv2d_t *layer, const hwc_window6_t *place) {
  return ((place->row_count * layer->kernel_width * layer->in_channels) + 3U) >> 2;
}

/** Whether each window is one input pixel of whole words, inside the image. */
static inline int hwc_is_pointwise(const hwc_conv2d_t *layer) {
  return (layer->kernel_height == 1U) && (layer->kernel_width == 1U) && (layer->pad_top == 0U) &&
         (layer->pad_left == 0U) && ((layer->in_channels & 3U) == 0U) &&
         (((layer->out_height - 1U) * layer->stride_height) < layer->in_height) &&
         (((layer->out_width - 1U) * layer->stride_width) < layer->in_width);
}

/** The input pixel of a pointwise window. */
static inline const uint8_t *hwc_point(const hwc_conv2d_t *layer, const uint8_t *x,
                                       const hwc_window6_t *place) {
  const uint32_t row = (uint32_t)place->oh * layer->stride_height;
  const uint32_t column = (uint32_t)place->ow * layer->stride_width;
  return x + ((((size_t)row * layer->in_width) + column) * layer->in_channels);
}

/**
 * Writes the window of each pixel; past the last of `count`, the last again.
 * @param corrections  not written; see hwc_coding6_t
 */
void hwc_window6(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                 uint32_t *unpacked, uint8_t *gathered, uint32_t *corrections);

#endif
#endif
