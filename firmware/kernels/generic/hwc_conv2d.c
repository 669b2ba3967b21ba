#include "hwc_dot.h"

/* sum_i x[i] * (w[i] + offset), one function for each element type of x. */
#define HWC_DEFINE_DOT(name, element_t)                                                            \
  static int32_t name(const element_t *x, const int8_t *w, uint32_t count, int32_t offset) {       \
    int32_t sum = 0;                                                                               \
    uint32_t i;                                                                                    \
    for (i = 0U; i < count; i++) {                                                                 \
      sum += (int32_t)x[i] * (w[i] + offset);                                                      \
    }                                                                                              \
    return sum;                                                                                    \
  }

HWC_DEFINE_DOT(dot_s8, int8_t)
HWC_DEFINE_DOT(dot_u8, uint8_t)
HWC_DEFINE_DOT(dot_s16, int16_t)
HWC_DEFINE_DOT(dot_u16, uint16_t)

static int32_t dot(const hwc_conv2d_t *layer, const void *x, size_t at, const int8_t *w,
                   uint32_t count) {
  int32_t sum;
  switch (layer->in_type) {
  case HWC_S8:
    sum = dot_s8((const int8_t *)x + at, w, count, layer->weight_offset);
    break;
  case HWC_U8:
    sum = dot_u8((const uint8_t *)x + at, w, count, layer->weight_offset);
    break;
  case HWC_S16:
    sum = dot_s16((const int16_t *)x + at, w, count, layer->weight_offset);
    break;
  default:
    sum = dot_u16((const uint16_t *)x + at, w, count, layer->weight_offset);
    break;
  }
  return sum;
}

static int32_t dot_pad(const hwc_conv2d_t *layer, const int8_t *w, uint32_t count) {
  int32_t sum = 0;
  uint32_t i;
  for (i = 0U; i < count; i++) {
    sum += w[i] + layer->weight_offset;
  }
  return sum * layer->pad_value;
}

int32_t hwc_conv2d_one(const hwc_conv2d_t *layer, const void *x, int32_t top, int32_t left,
                       size_t first_channel, const int8_t *weights, int32_t acc) {
  const int8_t *w = weights;
  const uint32_t depth = layer->group_in_channels;
  int32_t row = top;
  uint32_t kh;
  uint32_t kw;
  for (kh = 0U; kh < layer->kernel_height; kh++) {
    int32_t column = left;
    for (kw = 0U; kw < layer->kernel_width; kw++) {
      if ((row >= 0) && (row < layer->in_height) && (column >= 0) && (column < layer->in_width)) {
        const size_t pixel = ((size_t)row * layer->in_width) + (size_t)column;
        acc += dot(layer, x, (pixel * layer->in_channels) + first_channel, w, depth);
      } else {
        acc += dot_pad(layer, w, depth);
      }
      w += depth;
      column += layer->dilation_width;
    }
    row += layer->dilation_height;
  }
  return acc;
}

void hwc_conv2d_generic(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  int32_t top = -(int32_t)layer->pad_top;
  size_t out = 0U;
  uint32_t oh;
  uint32_t ow;
  uint32_t oc;
  (void)scratch;
  for (oh = 0U; oh < layer->out_height; oh++) {
    int32_t left = -(int32_t)layer->pad_left;
    for (ow = 0U; ow < layer->out_width; ow++) {
      const int8_t *w = layer->weights;
      size_t first_channel = 0U;
      uint32_t in_group = 0U;
      for (oc = 0U; oc < layer->out_channels; oc++) {
        const int32_t acc = hwc_conv2d_one(layer, x, top, left, first_channel, w, layer->bias[oc]);
        hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, oc, acc));
        out++;
        w += layer->weight_stride;
        in_group++;
        if (in_group == layer->group_out_channels) {
          in_group = 0U;
          first_channel += layer->group_in_channels;
        }
      }
      left += layer->stride_width;
    }
    top += layer->stride_height;
  }
}
