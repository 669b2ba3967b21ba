#include "hwc_elementwise.h"

void hwc_lut(const hwc_lut_t *layer, const void *x, void *y) {
  size_t at = 0U;
  uint32_t outer;
  uint32_t channel;
  uint32_t inner;
  for (outer = 0U; outer < layer->outer; outer++) {
    size_t first = 0U;
    for (channel = 0U; channel < layer->channels; channel++) {
      for (inner = 0U; inner < layer->inner; inner++) {
        const int32_t index = hwc_load(x, layer->in_type, at) + layer->index_offset;
        const int32_t value = hwc_load(layer->table, layer->out_type, first + (size_t)index);
        hwc_store(y, layer->out_type, at, value);
        at++;
      }
      first += layer->table_step;
    }
  }
}
