/**
 * Dot products with constant weights: convolution, depthwise convolution, dense; and MatMul.
 *
 *   acc[o] = bias[o] + sum_k x[k] * (weight[o][k] + weight_offset)        y[o] = requant(acc[o])
 *
 * x are raw stored integers: the zero point is in the bias and in the pad value. The compiler has
 * proved that every partial sum fits int32. weight_offset is 0 except for models with uint8
 * weights. Inputs may be S8, U8, S16 or U16; outputs any type (S32 with HWC_REQUANT_NONE: raw
 * accumulators). Output and scratch must not overlap the input. Model: hwcomp/ir/ops/conv2d.py,
 * dense.py, matmul.py. Packing: hwcomp/targets/mcu/packing.py; of weights below 8 bits:
 * hwc_packed.h.
 */
#ifndef HWC_DOT_H
#define HWC_DOT_H

#include "hwc_requant.h"

/**
 * A 2-D convolution, x[in_height][in_width][in_channels] to y[out_height][out_width][out_channels].
 *
 * Weights: one row for each output channel, [kernel_height][kernel_width][in_channels / groups],
 * then zeros up to weight_stride bytes, a multiple of 4; the array is 4-byte aligned. Groups divide
 * both channel counts. A depthwise convolution has groups == in_channels, its multiplier is
 * out_channels / in_channels.
 */
typedef struct {
  const int8_t *weights;  /**< NULL where `packed` is not. */
  const uint32_t *packed; /**< weights of 4, 2 or 1 bits: hwc_packed.h; else NULL. */
  const int32_t *bias;    /**< [out_channels]. */
  hwc_requant_t requant;
  uint32_t weight_stride; /**< bytes from one output channel's weights to the next. */
  int32_t weight_offset;  /**< added to each weight; -255 to 255. */
  int32_t pad_value;      /**< stored integer of the padding: the input's zero point. */
  uint16_t in_height;
  uint16_t in_width;
  uint16_t in_channels;
  uint16_t out_height;
  uint16_t out_width;
  uint16_t out_channels;
  uint16_t group_in_channels;  /**< in_channels / groups. */
  uint16_t group_out_channels; /**< out_channels / groups. */
  uint16_t kernel_height;
  uint16_t kernel_width;
  uint16_t stride_height;
  uint16_t stride_width;
  uint16_t dilation_height;
  uint16_t dilation_width;
  uint16_t pad_top;
  uint16_t pad_left;
  uint16_t rows_per_pass; /**< kernel rows unpacked at once, 1 to kernel_height; see packing.py. */
  uint8_t weight_bits;    /**< of `packed`: 4, 2 or 1. */
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_conv2d_t;

/**
 * A fully connected layer, x[rows][in_features] to y[rows][out_features].
 *
 * Weights are interleaved, 4 outputs by 4 inputs ("oc4k4"): with O = ceil(out_features / 4) and
 * K = ceil(in_features / 4), weight[o][k] is at byte ((o / 4 * K + k / 4) * 4 + o % 4) * 4 + k % 4
 * of O * K * 16; places past the shape hold 0. The array is 4-byte aligned.
 */
typedef struct {
  const int8_t *weights;  /**< NULL where `packed` is not. */
  const uint32_t *packed; /**< weights of 4, 2 or 1 bits: hwc_packed.h; else NULL. */
  const int32_t *bias;    /**< [out_features]. */
  hwc_requant_t requant;
  int32_t weight_offset;
  uint32_t rows;
  uint32_t in_features;
  uint32_t out_features;
  uint8_t weight_bits; /**< of `packed`: 4, 2 or 1. */
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_dense_t;

/**
 * Product of two activations, a[batch][rows][depth] by b[batch][depth][columns] (or, b_transposed,
 * b[batch][columns][depth]), to y[batch][rows][columns]:
 *   acc = sum_k (a - a_zero) * (b - b_zero);  the requant's channel is the column.
 */
typedef struct {
  hwc_requant_t requant;
  int32_t a_zero;
  int32_t b_zero;
  uint32_t batch;
  uint32_t rows;
  uint32_t depth;
  uint32_t columns;
  uint32_t a_batch_stride; /**< elements; 0 broadcasts. */
  uint32_t b_batch_stride; /**< elements; 0 broadcasts. */
  uint8_t b_transposed;
  hwc_type_t a_type;
  hwc_type_t b_type;
  hwc_type_t out_type;
} hwc_matmul_t;

/**
 * Convolution of any groups, stride, dilation and padding.
 * @param scratch  4-byte aligned, packing.conv2d_scratch_bytes() bytes; unused by the generic
 * kernel.
 */
void hwc_conv2d_generic(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);

/**
 * Accumulator of one output: `acc` plus the products of one window with the row `weights`.
 * @param top, left      the window's corner, which may lie in the padding
 * @param first_channel  of the group
 */
int32_t hwc_conv2d_one(const hwc_conv2d_t *layer, const void *x, int32_t top, int32_t left,
                       size_t first_channel, const int8_t *weights, int32_t acc);

/**
 * Fully connected layer.
 * @param scratch  4-byte aligned, packing.dense_scratch_bytes() bytes; unused by the generic
 * kernel.
 */
void hwc_dense_generic(const hwc_dense_t *layer, const void *x, void *y, void *scratch);

/** Product of two activations. */
void hwc_matmul(const hwc_matmul_t *layer, const void *a, const void *b, void *y);

#endif
