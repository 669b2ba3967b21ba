/**
 * The Cortex-M convolution in blocks of 6 pixels, for every coding of the weights.
 * Private to kernels/cortex_m.
 */
#ifndef HWC_CONV2D_RUN6_H
#define HWC_CONV2D_RUN6_H

#include "hwc_window6.h"

#if HWC_HAVE_DSP

/** How weights are stored, and what computes with them. */
typedef struct {
  void (*block)(hwc_block6_t *job);
  /** Unpacks windows as hwc_window6 does, in the form that the block wants; and corrections. */
  void (*window)(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                 uint32_t *unpacked, uint8_t *gathered, uint32_t *corrections);
  uint32_t inputs_shift; /**< log2 of the inputs of a word of weights. */
} hwc_coding6_t;

/** Whether the blocks do this layer: 8-bit inputs, one group, whole kernel rows. */
static inline int hwc_conv2d_is_blocked(const hwc_conv2d_t *layer) {
  return (layer->in_type <= HWC_U8) && (layer->group_in_channels == layer->in_channels) &&
         (layer->dilation_width == 1U);
}

void hwc_conv2d_run6(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, void *scratch,
                     const hwc_coding6_t *coding);

#endif
#endif
