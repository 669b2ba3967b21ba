#include "hwc_reduce.h"

/* round_half_up(a * b / 2^31): gemmlowp's SaturatingRoundingDoublingHighMul, whose nudge and
 * truncation come to the same on both signs. Its one saturating pair, both INT32_MIN, does not
 * occur here. */
static int32_t high_multiply(int32_t a, int32_t b) {
  return (int32_t)hwc_floor_shift(((int64_t)a * b) + ((int64_t)1 << 30), 31U);
}

/* value / 2^shift, rounding half away from zero; shift 0 to 31. */
static int32_t rounding_divide(int32_t value, uint32_t shift) {
  const int64_t bias = (shift == 0U) ? 0 : ((int64_t)1 << (shift - 1U));
  return (int32_t)hwc_floor_shift(value + bias - ((value < 0) && (shift != 0U) ? 1 : 0), shift);
}

static uint32_t leading_zeros(uint32_t value) {
  uint32_t count = 0U;
  while ((value & 0x80000000U) == 0U) {
    value <<= 1;
    count++;
  }
  return count;
}

/* value * 2^bits, saturated to int32. */
static int32_t saturating_scale(int32_t value, uint32_t bits) {
  return (int32_t)hwc_clamp((int64_t)value * ((int64_t)1 << bits), INT32_MIN, INT32_MAX);
}

/* About 2^62 / mantissa for a mantissa from 2^31 on: Newton-Raphson on d = mantissa / 2^32,
 * x = x + x * (1 - d x), with d in Q0.31 and x in Q2.29. */
static int32_t reciprocal(uint32_t mantissa) {
  const int32_t half_denominator = (int32_t)(mantissa >> 1);
  int32_t x = 1515870810 + high_multiply(half_denominator, -1010580540); /* 48/17 - 32/17 d */
  uint32_t i;
  for (i = 0U; i < 3U; i++) {
    const int32_t rest = ((int32_t)1 << 29) - high_multiply(half_denominator, x);
    x += saturating_scale(high_multiply(x, rest), 2U);
  }
  return saturating_scale(x, 1U);
}

void hwc_softmax(const hwc_softmax_t *layer, const void *x, void *y) {
  size_t first = 0U;
  uint32_t row;
  uint32_t i;
  for (row = 0U; row < layer->rows; row++) {
    int32_t best = hwc_load(x, layer->in_type, first);
    uint32_t sum = 0U;
    uint32_t zeros;
    uint32_t shift;
    int32_t scale;
    for (i = 1U; i < layer->size; i++) {
      const int32_t value = hwc_load(x, layer->in_type, first + i);
      best = (value > best) ? value : best;
    }
    for (i = 0U; i < layer->size; i++) {
      sum += (uint32_t)layer->sum_table[best - hwc_load(x, layer->in_type, first + i)];
    }
    zeros = leading_zeros(sum);
    scale = reciprocal(sum << zeros);
    shift = (uint32_t)layer->accumulator_integer_bits + 31U - zeros - layer->out_bits;
    for (i = 0U; i < layer->size; i++) {
      const int32_t exponential = layer->exp_table[best - hwc_load(x, layer->in_type, first + i)];
      const int32_t value = rounding_divide(high_multiply(scale, exponential), shift);
      hwc_store(y, layer->out_type, first + i,
                (int32_t)hwc_clamp((int64_t)value + layer->zero, layer->lo, layer->hi));
    }
    first += layer->size;
  }
}
