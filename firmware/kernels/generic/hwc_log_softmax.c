#include "hwc_fixed_point.h"
#include "hwc_reduce.h"

enum { SUM_INTEGER_BITS = 12, ACCUMULATOR_BITS = 6, LOG_FRACTION_BITS = 26, TFLITE_SHIFT = 22 };
static const int32_t SQRT_HALF = 1518500250;
static const int32_t SQRT_SQRT_HALF = 1805811301;
static const int32_t LOG_2 = 1488522236;
static const int64_t LOG_2_Q40 = 762123384786;

/* value * 2^(31 - ACCUMULATOR_BITS), saturated: an exponent in the format of the sum. */
static int64_t power_of(int32_t value) {
  return hwc_saturating_scale(value, 31U - (uint32_t)ACCUMULATOR_BITS);
}

/* log(r) for r in Q0.31 from 2^(-3/4) to 2^(-1/4), in Q6.25: a rational function around 2^(-1/2).
 */
static int32_t log_of_mantissa(int32_t r) {
  const int32_t p = (int32_t)(((int64_t)r + SQRT_SQRT_HALF + 1) >> 1);
  const int32_t q = (int32_t)(2 * ((int64_t)r - SQRT_SQRT_HALF));
  const int32_t square = hwc_high_multiply(q, q);
  const int32_t numerator =
      hwc_high_multiply(q, r) + hwc_high_multiply(hwc_high_multiply(q, square), 117049297);
  const int32_t denominator =
      hwc_high_multiply(p, 1057819769 + q + hwc_high_multiply(square, 127690142)) +
      hwc_high_multiply(q, 638450708);
  return hwc_high_multiply(hwc_rounding_divide(numerator, ACCUMULATOR_BITS),
                           hwc_one_over_one_plus(denominator));
}

/* log(x) in Q5.26 of x >= 1 in Q12.19. Source: tflite-micro internal/common.h,
 * log_x_for_x_greater_than_or_equal_to_1_impl. */
static int32_t logarithm(int32_t x) {
  const int32_t quarter = (int32_t)1 << (31 - ACCUMULATOR_BITS - 2);
  const uint32_t high = hwc_leading_zeros((uint32_t)x);
  const uint32_t headroom = hwc_leading_zeros((uint32_t)hwc_high_multiply(x, SQRT_HALF)) - 1U;
  const int32_t mantissa_a =
      hwc_saturating_scale(hwc_high_multiply(hwc_saturating_scale(x, high - 1U), SQRT_HALF), 1U);
  const int32_t mantissa_b = hwc_saturating_scale(x, headroom);
  const int64_t power_a = power_of(SUM_INTEGER_BITS - (int32_t)high) + quarter;
  const int64_t power_b = power_of(SUM_INTEGER_BITS - (int32_t)headroom) - quarter;
  const int32_t r = (mantissa_a < mantissa_b) ? mantissa_a : mantissa_b;
  const int64_t limited_a = (power_a > INT32_MAX) ? INT32_MAX : power_a;
  const int64_t limited_b = (power_b < INT32_MIN) ? INT32_MIN : power_b;
  const int32_t power = (int32_t)((limited_a > limited_b) ? limited_a : limited_b);
  return hwc_saturating_scale(hwc_high_multiply(power, LOG_2) + log_of_mantissa(r), 1U);
}

/* log(total / 2^31) in Q5.26, total >= 2^31 - 1. */
static int32_t log_of_sum(int64_t total) {
  uint32_t down = 0U;
  int64_t whole;
  while ((total >> down) > INT32_MAX) {
    down++;
  }
  whole = ((int64_t)down - SUM_INTEGER_BITS) * LOG_2_Q40;
  whole = hwc_floor_shift(whole + ((int64_t)1 << (39 - LOG_FRACTION_BITS)),
                          40U - (uint32_t)LOG_FRACTION_BITS);
  whole += logarithm((int32_t)(total >> down));
  return (whole < 0) ? 0 : (int32_t)whole;
}

/* A logarithm in Q5.26, at most 0, in steps of 1/16: half away from zero. */
static int64_t steps_of(int64_t value) {
  return hwc_floor_shift(value + ((int64_t)1 << (TFLITE_SHIFT - 1)) - ((value < 0) ? 1 : 0),
                         TFLITE_SHIFT);
}

static int32_t greatest(const void *x, hwc_type_t type, size_t first, uint32_t size) {
  int32_t best = hwc_load(x, type, first);
  uint32_t i;
  for (i = 1U; i < size; i++) {
    const int32_t value = hwc_load(x, type, first + i);
    best = (value > best) ? value : best;
  }
  return best;
}

void hwc_log_softmax(const hwc_log_softmax_t *layer, const void *x, void *y) {
  size_t first = 0U;
  uint32_t row;
  uint32_t i;
  for (row = 0U; row < layer->rows; row++) {
    const int32_t best = greatest(x, layer->in_type, first, layer->size);
    int32_t sum = 0;
    int32_t log_sum;
    int32_t least;
    for (i = 0U; i < layer->size; i++) {
      sum += layer->sum_table[best - hwc_load(x, layer->in_type, first + i)];
    }
    log_sum = logarithm(sum);
    least = hwc_rounding_divide(
        hwc_high_multiply((int32_t)((int64_t)log_sum + INT32_MIN), layer->reverse_multiplier),
        layer->reverse_shift);
    least = (least > (-layer->radius - 1)) ? least : (-layer->radius - 1);
    for (i = 0U; i < layer->size; i++) {
      const int32_t distance = best - hwc_load(x, layer->in_type, first + i);
      int64_t value = layer->lo;
      if (-distance > least) {
        value = steps_of((int64_t)layer->diff_table[distance] - log_sum);
        value = hwc_clamp(value + layer->hi, layer->lo, layer->hi);
      }
      hwc_store(y, layer->out_type, first + i, (int32_t)value);
    }
    first += layer->size;
  }
}

void hwc_wide_log_softmax(const hwc_wide_log_softmax_t *layer, const void *x, void *y) {
  size_t first = 0U;
  uint32_t row;
  uint32_t i;
  for (row = 0U; row < layer->rows; row++) {
    const int32_t best = greatest(x, layer->in_type, first, layer->size);
    int64_t sum = 0;
    int32_t log_sum;
    for (i = 0U; i < layer->size; i++) {
      sum += layer->exp_table[best - hwc_load(x, layer->in_type, first + i)];
    }
    log_sum = hwc_rounding_divide(log_of_sum(sum), layer->log_shift);
    for (i = 0U; i < layer->size; i++) {
      const int32_t distance = best - hwc_load(x, layer->in_type, first + i);
      hwc_store(y, layer->out_type, first + i, layer->diff_table[distance] - log_sum);
    }
    first += layer->size;
  }
}
