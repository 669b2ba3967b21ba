#include "hwc_elementwise.h"

/* How many of `levels` ascending thresholds are <= value. */
static uint32_t reached(const int32_t *thresholds, uint32_t levels, int32_t value) {
  uint32_t low = 0U;
  uint32_t high = levels;
  while (low < high) {
    const uint32_t middle = low + ((high - low) >> 1);
    if (thresholds[middle] <= value) {
      low = middle + 1U;
    } else {
      high = middle;
    }
  }
  return low;
}

void hwc_thresholds(const hwc_thresholds_t *layer, const void *x, void *y) {
  size_t at = 0U;
  uint32_t outer;
  uint32_t channel;
  uint32_t inner;
  for (outer = 0U; outer < layer->outer; outer++) {
    const int32_t *row = layer->thresholds;
    for (channel = 0U; channel < layer->channels; channel++) {
      for (inner = 0U; inner < layer->inner; inner++) {
        const int32_t value = hwc_load(x, layer->in_type, at);
        const int32_t level = layer->lo + (int32_t)reached(row, layer->levels, value);
        hwc_store(y, layer->out_type, at, level);
        at++;
      }
      row += layer->threshold_step;
    }
  }
}
