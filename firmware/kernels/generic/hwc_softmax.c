#include "hwc_fixed_point.h"
#include "hwc_reduce.h"

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
    zeros = hwc_leading_zeros(sum);
    scale = hwc_one_over_one_plus((int32_t)((sum << zeros) & 0x7FFFFFFFU));
    shift = (uint32_t)layer->accumulator_integer_bits + 31U - zeros - layer->out_bits;
    for (i = 0U; i < layer->size; i++) {
      const int32_t exponential = layer->exp_table[best - hwc_load(x, layer->in_type, first + i)];
      const int32_t value = hwc_rounding_divide(hwc_high_multiply(scale, exponential), shift);
      hwc_store(y, layer->out_type, first + i,
                (int32_t)hwc_clamp((int64_t)value + layer->zero, layer->lo, layer->hi));
    }
    first += layer->size;
  }
}
