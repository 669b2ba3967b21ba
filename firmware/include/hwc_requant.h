/**
 * Requantization of accumulators to the next layer's integers.
 *
 *   p   = sum_i x_i * mult_i[ch]
 *   acc = p + offset[ch]
 *   acc = acc - correction_amount[ch]        where p + correction_bias[ch] < 0
 *   q   = floor(acc / 2^shift)
 *   q   = q - 1   HWC_TIE_EVEN: acc divisible by 2^shift and q odd
 *                 HWC_TIE_AWAY: acc divisible by 2^shift and acc - offset[ch] < 0
 *   y   = clamp(q + zero, lo, hi)
 *
 * The compiler has proved that every x fits int32, and that |p| and |acc| are below 2^62.
 * Model: hwcomp/ir/ops/requant.py.
 */
#ifndef HWC_REQUANT_H
#define HWC_REQUANT_H

#include "hwc_types.h"

/** Form of a requant; values of `hwc_requant_t.kind`, cheapest first. */
enum {
  HWC_REQUANT_NONE = 0,   /**< y = acc: the raw accumulator, no clamp; nothing else is read. */
  HWC_REQUANT_HIGH = 1,   /**< tie FLOOR, shift 32, offset 2^31, no correction; `offset` unread. */
  HWC_REQUANT_NARROW = 2, /**< tie FLOOR, no correction, any offset and shift. */
  HWC_REQUANT_GENERAL = 3 /**< everything above. */
};

/** Rounding of exact ties; values of `hwc_requant_t.tie`. */
enum { HWC_TIE_FLOOR = 0, HWC_TIE_EVEN = 1, HWC_TIE_AWAY = 2 };

/** Constants of a requant. Arrays have one entry, or one for each channel: see the steps. */
typedef struct {
  const int32_t *mult;              /**< [inputs][mult_step ? channels : 1]. */
  const int64_t *offset;            /**< [offset_step ? channels : 1]; NULL with HIGH. */
  const int64_t *correction_bias;   /**< [correction_step ? channels : 1], or NULL: none. */
  const int64_t *correction_amount; /**< as correction_bias. */
  int32_t zero;                     /**< added after the shift. */
  int32_t lo;                       /**< least output, fused activation included. */
  int32_t hi;                       /**< greatest output. */
  uint8_t kind;                     /**< HWC_REQUANT_*. */
  uint8_t tie;                      /**< HWC_TIE_*. */
  uint8_t shift;                    /**< 0 to 62. */
  uint8_t mult_step;                /**< 1: mult is per channel; 0: per tensor. */
  uint8_t offset_step;              /**< likewise for offset. */
  uint8_t correction_step;          /**< likewise for both correction arrays. */
} hwc_requant_t;

/** The rest of a requant, from p = sum_i x_i * mult_i[ch]; kinds HIGH, NARROW and GENERAL. */
int32_t hwc_requant_product(const hwc_requant_t *requant, size_t channel, int64_t product);

/** Requant of one accumulator of channel `channel`. */
static inline int32_t hwc_requant_one(const hwc_requant_t *requant, size_t channel, int32_t acc) {
  int32_t out = acc;
  if (requant->kind != HWC_REQUANT_NONE) {
    const int64_t mult = requant->mult[channel * requant->mult_step];
    if (requant->kind == HWC_REQUANT_HIGH) {
      const int32_t high = (int32_t)hwc_floor_shift((acc * mult) + ((int64_t)1 << 31), 32U);
      out = (int32_t)hwc_clamp((int64_t)high + requant->zero, requant->lo, requant->hi);
    } else {
      out = hwc_requant_product(requant, channel, acc * mult);
    }
  }
  return out;
}

#endif
