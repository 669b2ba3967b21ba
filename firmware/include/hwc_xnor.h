/**
 * Convolution and dense layers with weights -1 and +1 of inputs that have two values: XOR and a
 * count of bits.
 *
 *   acc[o] = start[o] - step * (bits in which the window differs from weight row o)
 *
 * An input's bit is bit `bit` of its stored byte, where its two values differ: 0 for {0, 1}, 1 for
 * {-1, +1}. With `one` the value whose bit is 1 and `zero` the other, step = one - zero and
 * start[o] = bias[o] + (one + zero) / 2 * sum(weights) + step / 2 * inputs, an integer. Bits of
 * weights are 1 for +1. A dense layer is a 1x1 convolution of one row. Model:
 * hwcomp/ir/ops/dot.py. Packing: hwcomp/targets/mcu/packed.py.
 */
#ifndef HWC_XNOR_H
#define HWC_XNOR_H

#include "hwc_requant.h"

/** x[in_height][in_width][in_channels] to y[out_height][out_width][out_channels]. */
typedef struct {
  const uint32_t *weights; /**< [out_channels][words]: kh, kw, ic from bit 0 on, then zeros. */
  const int32_t *start;    /**< [out_channels]. */
  hwc_requant_t requant;
  uint32_t words; /**< ceil(kernel_height * kernel_width * in_channels / 32). */
  int32_t step;
  uint32_t pad_bit; /**< the padding's bit. */
  uint32_t bit;     /**< 0 to 7. */
  uint32_t out_width;
  uint32_t out_height;
  uint32_t in_channels;
  uint32_t out_channels;
  int32_t in_height;
  int32_t in_width;
  uint32_t kernel_height;
  uint32_t kernel_width;
  int32_t stride_height;
  int32_t stride_width;
  int32_t dilation_height;
  int32_t dilation_width;
  int32_t pad_top;
  int32_t pad_left;
  hwc_type_t out_type;
} hwc_xnor_t;

/** Writes the bits of a window whose corner is (top, left): words * 4 bytes. */
void hwc_xnor_gather(const hwc_xnor_t *layer, const uint8_t *x, int32_t top, int32_t left,
                     uint32_t *to);

/** @param scratch  4-byte aligned, words * 4 bytes: the bits of a window. */
void hwc_xnor_generic(const hwc_xnor_t *layer, const void *x, void *y, void *scratch);

#endif
