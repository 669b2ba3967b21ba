#include "hwc_reduce.h"

void hwc_reduce_sum(const hwc_reduce_sum_t *layer, const void *x, void *y) {
  const hwc_reduce_t *shape = &layer->reduce;
  size_t first = 0U;
  size_t out = 0U;
  uint32_t outer;
  uint32_t inner;
  uint32_t i;
  for (outer = 0U; outer < shape->outer; outer++) {
    for (inner = 0U; inner < shape->inner; inner++) {
      size_t at = first + inner;
      int32_t sum = 0;
      for (i = 0U; i < shape->size; i++) {
        sum += hwc_load(x, shape->in_type, at);
        at += shape->inner;
      }
      hwc_store(y, shape->out_type, out, hwc_requant_one(&layer->requant, inner, sum));
      out++;
    }
    first += (size_t)shape->size * shape->inner;
  }
}

/* Index along the axis of the greatest; of equals the first, or the last. */
static uint32_t find_max(const hwc_reduce_t *shape, const void *x, size_t at, int select_last) {
  int32_t best = hwc_load(x, shape->in_type, at);
  uint32_t index = 0U;
  uint32_t i;
  for (i = 1U; i < shape->size; i++) {
    int32_t value;
    at += shape->inner;
    value = hwc_load(x, shape->in_type, at);
    if ((value > best) || (select_last && (value == best))) {
      best = value;
      index = i;
    }
  }
  return index;
}

void hwc_reduce_max(const hwc_reduce_t *layer, const void *x, void *y) {
  size_t first = 0U;
  size_t out = 0U;
  uint32_t outer;
  uint32_t inner;
  for (outer = 0U; outer < layer->outer; outer++) {
    for (inner = 0U; inner < layer->inner; inner++) {
      const size_t index = find_max(layer, x, first + inner, 0);
      const int32_t best = hwc_load(x, layer->in_type, first + inner + (index * layer->inner));
      hwc_store(y, layer->out_type, out, best);
      out++;
    }
    first += (size_t)layer->size * layer->inner;
  }
}

void hwc_argmax(const hwc_argmax_t *layer, const void *x, void *y) {
  const hwc_reduce_t *shape = &layer->reduce;
  const int select_last = layer->select_last != 0U;
  size_t first = 0U;
  size_t out = 0U;
  uint32_t outer;
  uint32_t inner;
  for (outer = 0U; outer < shape->outer; outer++) {
    for (inner = 0U; inner < shape->inner; inner++) {
      const uint32_t index = find_max(shape, x, first + inner, select_last);
      hwc_store(y, shape->out_type, out, (int32_t)index);
      out++;
    }
    first += (size_t)shape->size * shape->inner;
  }
}
