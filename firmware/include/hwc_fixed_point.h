/**
 * gemmlowp's fixed-point arithmetic, for the kernels of the softmax family.
 * Model: hwcomp/ir/ops/softmax.py, log_softmax.py. Source: gemmlowp fixedpoint.h; TFLite common.h.
 */
#ifndef HWC_FIXED_POINT_H
#define HWC_FIXED_POINT_H

#include "hwc_types.h"

/**
 * round_half_up(a * b / 2^31): SaturatingRoundingDoublingHighMul, whose nudge and truncation come
 * to the same on both signs. Its one saturating pair, both INT32_MIN, must not occur.
 */
static inline int32_t hwc_high_multiply(int32_t a, int32_t b) {
  return (int32_t)hwc_floor_shift(((int64_t)a * b) + ((int64_t)1 << 30), 31U);
}

/** value / 2^shift, rounding half away from zero; shift 0 to 31. */
static inline int32_t hwc_rounding_divide(int32_t value, uint32_t shift) {
  const int64_t bias = (shift == 0U) ? 0 : ((int64_t)1 << (shift - 1U));
  return (int32_t)hwc_floor_shift(value + bias - ((value < 0) && (shift != 0U) ? 1 : 0), shift);
}

/** value * 2^bits, saturated to int32; bits 0 to 31. */
static inline int32_t hwc_saturating_scale(int32_t value, uint32_t bits) {
  return (int32_t)hwc_clamp((int64_t)value * ((int64_t)1 << bits), INT32_MIN, INT32_MAX);
}

/** Leading zeros of a positive value. */
static inline uint32_t hwc_leading_zeros(uint32_t value) {
  uint32_t count = 0U;
  while ((value & 0x80000000U) == 0U) {
    value <<= 1;
    count++;
  }
  return count;
}

/**
 * 1 / (1 + fraction) in Q0.31 of a fraction from 0 to 1 in Q0.31: Newton-Raphson on
 * d = (1 + fraction) / 2, x = x + x * (1 - d x), with d in Q0.31 and x in Q2.29.
 */
static inline int32_t hwc_one_over_one_plus(int32_t fraction) {
  const int32_t half_denominator = (int32_t)(((int64_t)fraction + ((int64_t)1 << 31)) >> 1);
  int32_t x = 1515870810 + hwc_high_multiply(half_denominator, -1010580540); /* 48/17 - 32/17 d */
  uint32_t i;
  for (i = 0U; i < 3U; i++) {
    const int32_t rest = ((int32_t)1 << 29) - hwc_high_multiply(half_denominator, x);
    x += hwc_saturating_scale(hwc_high_multiply(x, rest), 2U);
  }
  return hwc_saturating_scale(x, 1U);
}

#endif
