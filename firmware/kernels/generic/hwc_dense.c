#include "hwc_dot.h"

/* Accumulator of output `o` of one row. The weights of an output are 4 bytes in every 16. */
static int32_t accumulate(const hwc_dense_t *layer, const void *x, size_t first, uint32_t o) {
  const uint32_t blocks = (layer->in_features + 3U) >> 2;
  const int8_t *w = layer->weights + ((size_t)(o >> 2) * blocks * 16U) + ((o & 3U) * 4U);
  int32_t acc = layer->bias[o];
  uint32_t k;
  for (k = 0U; k < layer->in_features; k++) {
    const int32_t weight = w[((k >> 2) * 16U) + (k & 3U)];
    acc += hwc_load(x, layer->in_type, first + k) * (weight + layer->weight_offset);
  }
  return acc;
}

void hwc_dense_generic(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
  size_t first = 0U;
  size_t out = 0U;
  uint32_t row;
  uint32_t o;
  (void)scratch;
  for (row = 0U; row < layer->rows; row++) {
    for (o = 0U; o < layer->out_features; o++) {
      const int32_t acc = accumulate(layer, x, first, o);
      hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, o, acc));
      out++;
    }
    first += layer->in_features;
  }
}
