/**
 * Pooling over windows of an NHWC image, x[in_height][in_width][channels] to
 * y[out_height][out_width][channels].
 * Model: hwcomp/ir/ops/pool.py.
 */
#ifndef HWC_POOL_H
#define HWC_POOL_H

#include "hwc_requant.h"

/** Shape of a pooling layer. */
typedef struct {
  uint16_t in_height;
  uint16_t in_width;
  uint16_t channels;
  uint16_t out_height;
  uint16_t out_width;
  uint16_t kernel_height;
  uint16_t kernel_width;
  uint16_t stride_height;
  uint16_t stride_width;
  uint16_t dilation_height;
  uint16_t dilation_width;
  uint16_t pad_top;
  uint16_t pad_left;
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_pool_t;

/** Sum of each window, then requant (average pooling). Places in the padding count as pad_value. */
typedef struct {
  hwc_pool_t pool;
  hwc_requant_t requant; /**< NONE gives the raw sums. */
  int32_t pad_value;
} hwc_sum_pool_t;

/** Greatest of each window; the padding never wins, and each window has a place inside the image.
 */
void hwc_max_pool(const hwc_pool_t *layer, const void *x, void *y);

/** Sum of each window, fused with a requant. */
void hwc_sum_pool(const hwc_sum_pool_t *layer, const void *x, void *y);

#endif
