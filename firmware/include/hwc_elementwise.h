/**
 * Elementwise layers: requant of n inputs (residual add), exact arithmetic, tables.
 * Inputs may overlap the output only if they are the same array with elements of one size.
 * Model: hwcomp/ir/ops/requant.py, elementwise.py, lut.py, thresholds.py.
 */
#ifndef HWC_ELEMENTWISE_H
#define HWC_ELEMENTWISE_H

#include "hwc_requant.h"

/** Requant of n inputs of one shape, [outer][channels][inner]. Per tensor: channels = 1, outer = 1.
 */
typedef struct {
  hwc_requant_t requant; /**< mult is [inputs][mult_step ? channels : 1]; kind is not NONE. */
  uint32_t outer;
  uint32_t channels;
  uint32_t inner;
  uint8_t inputs; /**< 1 or more. */
  uint8_t
      acc_fits_int32; /**< 1: every partial sum of p, acc, and acc + zero * 2^shift fits int32. */
  const hwc_type_t *in_types; /**< [inputs]. */
  hwc_type_t out_type;
} hwc_rescale_t;

/** Operation of `hwc_binary_t`. */
enum { HWC_ADD = 0, HWC_SUB = 1, HWC_MUL = 2, HWC_MIN = 3, HWC_MAX = 4 };

/**
 * y = a op b, exact, over an output of dims[0..rank-1] (outermost first). The strides are in
 * elements; 0 broadcasts. The result fits int32 and the output's type.
 */
typedef struct {
  uint8_t op;   /**< HWC_ADD .. HWC_MAX. */
  uint8_t rank; /**< 1 to HWC_MAX_DIMS. */
  hwc_type_t a_type;
  hwc_type_t b_type;
  hwc_type_t out_type;
  uint32_t dims[HWC_MAX_DIMS];
  uint32_t a_strides[HWC_MAX_DIMS];
  uint32_t b_strides[HWC_MAX_DIMS];
} hwc_binary_t;

/**
 * y = table[ch][x + index_offset] over [outer][channels][inner]; index_offset is minus the least x
 * of the input's type or range, so 128 for S8. table_step elements from one channel's table to the
 * next, 0 when all share one. Input 8 or 16 bits; table and output of out_type.
 */
typedef struct {
  const void *table;
  int32_t index_offset;
  uint32_t table_step;
  uint32_t outer;
  uint32_t channels;
  uint32_t inner;
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_lut_t;

/**
 * y = lo + how many of the channel's thresholds are <= x, over [outer][channels][inner]: a binary
 * search, at most 32 comparisons. threshold_step elements from one channel's thresholds to the
 * next, 0 when all share one row.
 */
typedef struct {
  const int32_t *thresholds; /**< Rows of `levels`, ascending. */
  uint32_t levels;
  uint32_t threshold_step;
  int32_t lo;
  uint32_t outer;
  uint32_t channels;
  uint32_t inner;
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_thresholds_t;

/** Requant of n inputs. @param inputs  `layer->inputs` arrays. */
void hwc_rescale_generic(const hwc_rescale_t *layer, const void *const *inputs, void *y);

/** Exact arithmetic with broadcasting. */
void hwc_binary(const hwc_binary_t *layer, const void *a, const void *b, void *y);

/** Thresholds. */
void hwc_thresholds(const hwc_thresholds_t *layer, const void *x, void *y);

/** Table look-up. */
void hwc_lut(const hwc_lut_t *layer, const void *x, void *y);

#endif
