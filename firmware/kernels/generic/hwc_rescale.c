#include "hwc_elementwise.h"

void hwc_rescale_generic(const hwc_rescale_t *layer, const void *const *inputs, void *y) {
  const size_t mult_row = (layer->requant.mult_step != 0U) ? layer->channels : 1U;
  size_t at = 0U;
  uint32_t outer;
  uint32_t channel;
  uint32_t inner;
  uint32_t input;
  for (outer = 0U; outer < layer->outer; outer++) {
    for (channel = 0U; channel < layer->channels; channel++) {
      const int32_t *mult = layer->requant.mult + (channel * layer->requant.mult_step);
      for (inner = 0U; inner < layer->inner; inner++) {
        int64_t product = 0;
        for (input = 0U; input < layer->inputs; input++) {
          product +=
              (int64_t)hwc_load(inputs[input], layer->in_types[input], at) * mult[input * mult_row];
        }
        hwc_store(y, layer->out_type, at, hwc_requant_product(&layer->requant, channel, product));
        at++;
      }
    }
  }
}
