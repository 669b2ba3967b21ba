#include "hwc_packed.h"

static void run_output(const hwc_dense_t *layer, const void *x, void *y, uint32_t o,
                       const int8_t *row) {
  size_t first = 0U;
  size_t out = o;
  uint32_t n;
  uint32_t k;
  for (n = 0U; n < layer->rows; n++) {
    int32_t acc = layer->bias[o];
    for (k = 0U; k < layer->in_features; k++) {
      acc += hwc_load(x, layer->in_type, first + k) * (row[k] + layer->weight_offset);
    }
    hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, o, acc));
    first += layer->in_features;
    out += layer->out_features;
  }
}

void hwc_dense_packed_generic(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
  const uint32_t bits = layer->weight_bits;
  const uint32_t shift = hwc_packed_shift(bits);
  const uint32_t words = (layer->in_features + (1U << shift) - 1U) >> shift;
  int8_t *row = (int8_t *)scratch;
  uint32_t o;
  uint32_t k;
  for (o = 0U; o < layer->out_features; o++) {
    const uint32_t *from = layer->packed + ((size_t)(o >> 2) * words * 4U) + (o & 3U);
    for (k = 0U; k < layer->in_features; k++) {
      row[k] = hwc_packed_weight(from[(k >> shift) * 4U], bits, k);
    }
    run_output(layer, x, y, o, row);
  }
}
