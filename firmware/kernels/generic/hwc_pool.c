#include "hwc_pool.h"

/* Part of a window inside the image: first place, and how many, along one axis. */
typedef struct {
  uint32_t first;
  uint32_t count;
} span_t;

static span_t clip(int32_t start, uint32_t kernel, uint32_t dilation, uint32_t size) {
  span_t span = {0U, 0U};
  int32_t at = start;
  uint32_t k;
  for (k = 0U; k < kernel; k++) {
    if ((at >= 0) && (at < (int32_t)size)) {
      if (span.count == 0U) {
        span.first = (uint32_t)at;
      }
      span.count++;
    }
    at += (int32_t)dilation;
  }
  return span;
}

static int32_t window_max(const hwc_pool_t *pool, const void *x, size_t at, span_t rows,
                          span_t columns) {
  const size_t row_step = (size_t)pool->dilation_height * pool->in_width * pool->channels;
  const size_t column_step = (size_t)pool->dilation_width * pool->channels;
  int32_t best = hwc_load(x, pool->in_type, at);
  uint32_t r;
  uint32_t c;
  for (r = 0U; r < rows.count; r++) {
    size_t place = at;
    for (c = 0U; c < columns.count; c++) {
      const int32_t value = hwc_load(x, pool->in_type, place);
      best = (value > best) ? value : best;
      place += column_step;
    }
    at += row_step;
  }
  return best;
}

static int32_t window_sum(const hwc_pool_t *pool, const void *x, size_t at, span_t rows,
                          span_t columns) {
  const size_t row_step = (size_t)pool->dilation_height * pool->in_width * pool->channels;
  const size_t column_step = (size_t)pool->dilation_width * pool->channels;
  int32_t sum = 0;
  uint32_t r;
  uint32_t c;
  for (r = 0U; r < rows.count; r++) {
    size_t place = at;
    for (c = 0U; c < columns.count; c++) {
      sum += hwc_load(x, pool->in_type, place);
      place += column_step;
    }
    at += row_step;
  }
  return sum;
}

/* One kernel for both: `sum` is NULL for max pooling. */
static void run(const hwc_pool_t *pool, const hwc_sum_pool_t *sum, const void *x, void *y) {
  const uint32_t window = (uint32_t)pool->kernel_height * pool->kernel_width;
  int32_t top = -(int32_t)pool->pad_top;
  size_t out = 0U;
  uint32_t oh;
  uint32_t ow;
  uint32_t ch;
  for (oh = 0U; oh < pool->out_height; oh++) {
    const span_t rows = clip(top, pool->kernel_height, pool->dilation_height, pool->in_height);
    int32_t left = -(int32_t)pool->pad_left;
    for (ow = 0U; ow < pool->out_width; ow++) {
      const span_t cols = clip(left, pool->kernel_width, pool->dilation_width, pool->in_width);
      const size_t at = (((size_t)rows.first * pool->in_width) + cols.first) * pool->channels;
      for (ch = 0U; ch < pool->channels; ch++) {
        int32_t value;
        if (sum == NULL) {
          value = window_max(pool, x, at + ch, rows, cols);
        } else {
          const int32_t outside = (int32_t)(window - (rows.count * cols.count));
          value = window_sum(pool, x, at + ch, rows, cols) + (outside * sum->pad_value);
          value = hwc_requant_one(&sum->requant, ch, value);
        }
        hwc_store(y, pool->out_type, out, value);
        out++;
      }
      left += pool->stride_width;
    }
    top += pool->stride_height;
  }
}

void hwc_max_pool(const hwc_pool_t *layer, const void *x, void *y) { run(layer, NULL, x, y); }

void hwc_sum_pool(const hwc_sum_pool_t *layer, const void *x, void *y) {
  run(&layer->pool, layer, x, y);
}
