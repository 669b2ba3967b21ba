/**
 * Reductions over one axis, x[outer][size][inner] to y[outer][inner]. Adjacent axes are merged by
 * the compiler; others take one layer each. Softmax and its logarithm along rows.
 * Model: hwcomp/ir/ops/reduce.py, softmax.py, log_softmax.py, wide_log_softmax.py.
 */
#ifndef HWC_REDUCE_H
#define HWC_REDUCE_H

#include "hwc_requant.h"

/** Shape of a reduction. */
typedef struct {
  uint32_t outer;
  uint32_t size;
  uint32_t inner;
  hwc_type_t in_type;
  hwc_type_t out_type;
} hwc_reduce_t;

/** Sum, then requant; the requant's channel is the inner index. The sum fits int32. */
typedef struct {
  hwc_reduce_t reduce;
  hwc_requant_t requant; /**< NONE gives the raw sums. */
} hwc_reduce_sum_t;

/** Index of the greatest; of equals the first, or with select_last the last. */
typedef struct {
  hwc_reduce_t reduce;
  uint8_t select_last;
} hwc_argmax_t;

/**
 * Softmax along rows, x[rows][size] of 8 bits to y[rows][size], by two tables and a reciprocal:
 *   d[i]  = max(x) - x[i]                             0 to 255
 *   s     = sum_i sum_table[d[i]]                     1 to 2^32 - 1
 *   scale, over = reciprocal(s)                       Newton, as gemmlowp's GetReciprocal
 *   y[i]  = clamp(round_half_away(srdhm(scale, exp_table[d[i]]) / 2^(over + 31 - out_bits)) + zero)
 * with over = accumulator_integer_bits - leading_zeros(s) and srdhm the saturating rounding
 * doubling high multiply. The compiler has proved 0 <= over + 31 - out_bits <= 31. Source:
 * tflite-micro reference/softmax.h; gemmlowp fixedpoint.h (Newton-Raphson, 3 steps).
 */
typedef struct {
  const int32_t *exp_table; /**< [256], 0 to 2^31 - 1; 0 past the cut-off. */
  const int32_t *sum_table; /**< [256], not negative. */
  uint32_t rows;
  uint32_t size;
  int32_t zero; /**< -128 for S8. */
  int32_t lo;
  int32_t hi;
  uint8_t accumulator_integer_bits; /**< 12 in TFLite. */
  uint8_t out_bits;                 /**< 8 or 16. */
  hwc_type_t in_type;               /**< HWC_S8 or HWC_U8. */
  hwc_type_t out_type;
} hwc_softmax_t;

/**
 * TFLite's LogSoftmax along rows, x[rows][size] of 8 bits to y[rows][size]:
 *   d[i]  = max(x) - x[i]                             0 to 255
 *   log_s = logarithm(sum_i sum_table[d[i]])          Q12.19 to Q5.26
 *   least = round(srdhm(log_s - 2^31, reverse_multiplier) / 2^reverse_shift)
 *   y[i]  = clamp(round((diff_table[d[i]] - log_s) / 2^22) + hi) where -d[i] > max(-radius - 1,
 * least), lo elsewhere Source: tflite-micro reference/log_softmax.h, common.h.
 */
typedef struct {
  const int32_t *diff_table; /**< [256], -d times the scale of x in Q5.26. */
  const int32_t *sum_table;  /**< [256], its exponential in Q12.19; the row's sum fits int32. */
  uint32_t rows;
  uint32_t size;
  int32_t radius;
  int32_t reverse_multiplier;
  int32_t lo;
  int32_t hi;
  uint8_t reverse_shift; /**< 0 to 31. */
  hwc_type_t in_type;    /**< HWC_S8 or HWC_U8. */
  hwc_type_t out_type;
} hwc_log_softmax_t;

/**
 * LogSoftmax along rows, its sum in 64 bits:
 *   d[i]  = max(x) - x[i]
 *   log_s = logarithm(sum_i exp_table[d[i]])          Q.31 to Q5.26, 0 at least
 *   y[i]  = diff_table[d[i]] - round(log_s / 2^log_shift)
 */
typedef struct {
  const int32_t *diff_table; /**< -d times the scale of x, in 2^-(26 - log_shift). */
  const int32_t *exp_table;  /**< Its exponential in Q0.31, 2^31 - 1 at first. */
  uint32_t rows;
  uint32_t size;
  uint8_t log_shift; /**< 0 to 26. */
  hwc_type_t in_type;
  hwc_type_t out_type; /**< HWC_S32. */
} hwc_wide_log_softmax_t;

void hwc_reduce_sum(const hwc_reduce_sum_t *layer, const void *x, void *y);
void hwc_reduce_max(const hwc_reduce_t *layer, const void *x, void *y);
void hwc_argmax(const hwc_argmax_t *layer, const void *x, void *y);
void hwc_softmax(const hwc_softmax_t *layer, const void *x, void *y);
void hwc_log_softmax(const hwc_log_softmax_t *layer, const void *x, void *y);
void hwc_wide_log_softmax(const hwc_wide_log_softmax_t *layer, const void *x, void *y);

#endif
