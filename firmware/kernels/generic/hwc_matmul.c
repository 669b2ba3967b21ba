#include "hwc_dot.h"

void hwc_matmul(const hwc_matmul_t *layer, const void *a, const void *b, void *y) {
  const size_t column_step = (layer->b_transposed != 0U) ? layer->depth : 1U;
  const size_t depth_step = (layer->b_transposed != 0U) ? 1U : layer->columns;
  size_t a_batch = 0U;
  size_t b_batch = 0U;
  size_t out = 0U;
  uint32_t batch;
  uint32_t row;
  uint32_t column;
  uint32_t k;
  for (batch = 0U; batch < layer->batch; batch++) {
    size_t a_row = a_batch;
    for (row = 0U; row < layer->rows; row++) {
      for (column = 0U; column < layer->columns; column++) {
        size_t b_at = b_batch + (column * column_step);
        int32_t acc = 0;
        for (k = 0U; k < layer->depth; k++) {
          acc += (hwc_load(a, layer->a_type, a_row + k) - layer->a_zero) *
                 (hwc_load(b, layer->b_type, b_at) - layer->b_zero);
          b_at += depth_step;
        }
        hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, column, acc));
        out++;
      }
      a_row += layer->depth;
    }
    a_batch += layer->a_batch_stride;
    b_batch += layer->b_batch_stride;
  }
}
