#include "hwc_packed.h"

/* One output channel over all pixels. */
static void run_channel(const hwc_conv2d_t *layer, const void *x, void *y, uint32_t oc,
                        size_t first_channel, const int8_t *row) {
  int32_t top = -(int32_t)layer->pad_top;
  size_t out = oc;
  uint32_t oh;
  uint32_t ow;
  for (oh = 0U; oh < layer->out_height; oh++) {
    int32_t left = -(int32_t)layer->pad_left;
    for (ow = 0U; ow < layer->out_width; ow++) {
      const int32_t acc = hwc_conv2d_one(layer, x, top, left, first_channel, row, layer->bias[oc]);
      hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, oc, acc));
      out += layer->out_channels;
      left += layer->stride_width;
    }
    top += layer->stride_height;
  }
}

void hwc_conv2d_packed_generic(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  const uint32_t bits = layer->weight_bits;
  const uint32_t depth =
      (uint32_t)layer->kernel_height * layer->kernel_width * layer->group_in_channels;
  int8_t *row = (int8_t *)scratch;
  const uint32_t *words = layer->packed;
  size_t first_channel = 0U;
  uint32_t in_group = 0U;
  uint32_t oc;
  uint32_t k;
  for (oc = 0U; oc < layer->out_channels; oc++) {
    for (k = 0U; k < depth; k++) {
      row[k] = hwc_packed_weight(words[k >> hwc_packed_shift(bits)], bits, k);
    }
    run_channel(layer, x, y, oc, first_channel, row);
    words += layer->weight_stride >> 2;
    in_group++;
    if (in_group == layer->group_out_channels) {
      in_group = 0U;
      first_channel += layer->group_in_channels;
    }
  }
}
