#include "hwc_elementwise.h"

static int32_t apply(uint8_t op, int32_t a, int32_t b) {
  int32_t out;
  switch (op) {
  case HWC_ADD:
    out = a + b;
    break;
  case HWC_SUB:
    out = a - b;
    break;
  case HWC_MUL:
    out = a * b;
    break;
  case HWC_MIN:
    out = (a < b) ? a : b;
    break;
  default:
    out = (a > b) ? a : b;
    break;
  }
  return out;
}

void hwc_binary(const hwc_binary_t *layer, const void *a, const void *b, void *y) {
  const uint32_t last = (uint32_t)layer->rank - 1U;
  uint32_t index[HWC_MAX_DIMS] = {0U};
  size_t at_a = 0U;
  size_t at_b = 0U;
  size_t out = 0U;
  uint32_t axis;
  uint32_t i;
  do {
    for (i = 0U; i < layer->dims[last]; i++) {
      const int32_t left = hwc_load(a, layer->a_type, at_a + ((size_t)i * layer->a_strides[last]));
      const int32_t right = hwc_load(b, layer->b_type, at_b + ((size_t)i * layer->b_strides[last]));
      hwc_store(y, layer->out_type, out, apply(layer->op, left, right));
      out++;
    }
    axis = last;
    while (axis > 0U) { /* odometer over the outer axes; axis is 0 after the last step */
      const uint32_t up = axis - 1U;
      index[up]++;
      at_a += layer->a_strides[up];
      at_b += layer->b_strides[up];
      if (index[up] < layer->dims[up]) {
        break;
      }
      at_a -= (size_t)layer->dims[up] * layer->a_strides[up];
      at_b -= (size_t)layer->dims[up] * layer->b_strides[up];
      index[up] = 0U;
      axis = up;
    }
  } while (axis > 0U);
}
