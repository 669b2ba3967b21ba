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

/* Elements from one row or column of a window to the next. */
typedef struct {
  size_t row;
  size_t column;
} step_t;

/* Greatest and sum of one channel over a window, for one element type. */
#define HWC_DEFINE_WINDOW(max_name, sum_name, element_t)                                           \
  static int32_t max_name(const element_t *x, span_t rows, span_t columns, step_t step) {          \
    int32_t best = *x;                                                                             \
    uint32_t r;                                                                                    \
    uint32_t c;                                                                                    \
    for (r = 0U; r < rows.count; r++) {                                                            \
      for (c = 0U; c < columns.count; c++) {                                                       \
        const int32_t value = x[c * step.column];                                                  \
        best = (value > best) ? value : best;                                                      \
      }                                                                                            \
      x += step.row;                                                                               \
    }                                                                                              \
    return best;                                                                                   \
  }                                                                                                \
  static int32_t sum_name(const element_t *x, span_t rows, span_t columns, step_t step) {          \
    int32_t sum = 0;                                                                               \
    uint32_t r;                                                                                    \
    uint32_t c;                                                                                    \
    for (r = 0U; r < rows.count; r++) {                                                            \
      for (c = 0U; c < columns.count; c++) {                                                       \
        sum += x[c * step.column];                                                                 \
      }                                                                                            \
      x += step.row;                                                                               \
    }                                                                                              \
    return sum;                                                                                    \
  }

HWC_DEFINE_WINDOW(max_s8, sum_s8, int8_t)
HWC_DEFINE_WINDOW(max_u8, sum_u8, uint8_t)
HWC_DEFINE_WINDOW(max_s16, sum_s16, int16_t)
HWC_DEFINE_WINDOW(max_u16, sum_u16, uint16_t)
HWC_DEFINE_WINDOW(max_s32, sum_s32, int32_t)

/* Calls one of the functions above for the element at x[at]. */
#define CALL(name, element_t) name((const element_t *)x + at, rows, columns, step)

static int32_t window_max(const hwc_pool_t *pool, const void *x, size_t at, span_t rows,
                          span_t columns) {
  step_t step;
  int32_t best;
  step.row = (size_t)pool->dilation_height * pool->in_width * pool->channels;
  step.column = (size_t)pool->dilation_width * pool->channels;
  switch (pool->in_type) {
  case HWC_S8:
    best = CALL(max_s8, int8_t);
    break;
  case HWC_U8:
    best = CALL(max_u8, uint8_t);
    break;
  case HWC_S16:
    best = CALL(max_s16, int16_t);
    break;
  case HWC_U16:
    best = CALL(max_u16, uint16_t);
    break;
  default:
    best = CALL(max_s32, int32_t);
    break;
  }
  return best;
}

static int32_t window_sum(const hwc_pool_t *pool, const void *x, size_t at, span_t rows,
                          span_t columns) {
  step_t step;
  int32_t sum;
  step.row = (size_t)pool->dilation_height * pool->in_width * pool->channels;
  step.column = (size_t)pool->dilation_width * pool->channels;
  switch (pool->in_type) {
  case HWC_S8:
    sum = CALL(sum_s8, int8_t);
    break;
  case HWC_U8:
    sum = CALL(sum_u8, uint8_t);
    break;
  case HWC_S16:
    sum = CALL(sum_s16, int16_t);
    break;
  case HWC_U16:
    sum = CALL(sum_u16, uint16_t);
    break;
  default:
    sum = CALL(sum_s32, int32_t);
    break;
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
