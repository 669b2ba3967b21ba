#include "hwc_layout.h"

#include <string.h>

static void copy_element(const void *x, ptrdiff_t from, void *y, ptrdiff_t to, uint8_t size) {
  if (size == 1U) {
    ((uint8_t *)y)[to] = ((const uint8_t *)x)[from];
  } else if (size == 2U) {
    ((uint16_t *)y)[to] = ((const uint16_t *)x)[from];
  } else {
    ((uint32_t *)y)[to] = ((const uint32_t *)x)[from];
  }
}

void hwc_strided_copy(const hwc_strided_t *layer, const void *x, void *y) {
  const uint32_t last = (uint32_t)layer->rank - 1U;
  const ptrdiff_t src_step = layer->src_strides[last];
  const ptrdiff_t dst_step = layer->dst_strides[last];
  uint32_t index[HWC_MAX_DIMS] = {0U};
  ptrdiff_t src = (ptrdiff_t)layer->src_offset;
  ptrdiff_t dst = (ptrdiff_t)layer->dst_offset;
  uint32_t axis;
  uint32_t i;
  do {
    ptrdiff_t from = src;
    ptrdiff_t to = dst;
    for (i = 0U; i < layer->dims[last]; i++) {
      copy_element(x, from, y, to, layer->element_size);
      from += src_step;
      to += dst_step;
    }
    axis = last;
    while (axis > 0U) { /* odometer over the outer axes; axis is 0 after the last step */
      const uint32_t up = axis - 1U;
      index[up]++;
      src += layer->src_strides[up];
      dst += layer->dst_strides[up];
      if (index[up] < layer->dims[up]) {
        break;
      }
      src -= (ptrdiff_t)layer->dims[up] * layer->src_strides[up];
      dst -= (ptrdiff_t)layer->dims[up] * layer->dst_strides[up];
      index[up] = 0U;
      axis = up;
    }
  } while (axis > 0U);
}

void hwc_pad(const hwc_pad_t *layer, const void *x, void *y) {
  uint32_t i;
  for (i = 0U; i < layer->elements; i++) {
    hwc_store(y, layer->type, i, layer->value);
  }
  hwc_strided_copy(&layer->inside, x, y);
}

void hwc_concat(const hwc_concat_t *layer, const void *const *inputs, void *y) {
  uint32_t row_bytes = 0U;
  size_t start = 0U;
  uint32_t input;
  uint32_t row;
  for (input = 0U; input < layer->inputs; input++) {
    row_bytes += layer->row_bytes[input];
  }
  for (input = 0U; input < layer->inputs; input++) {
    const uint32_t bytes = layer->row_bytes[input];
    size_t from = 0U;
    size_t to = start;
    for (row = 0U; row < layer->rows; row++) {
      (void)memcpy((uint8_t *)y + to, (const uint8_t *)inputs[input] + from, bytes);
      from += bytes;
      to += row_bytes;
    }
    start += bytes;
  }
}

void hwc_gather(const hwc_gather_t *layer, const void *x, void *y) {
  const size_t bytes = layer->inner_bytes;
  size_t first = 0U;
  size_t to = 0U;
  uint32_t outer;
  uint32_t i;
  for (outer = 0U; outer < layer->outer; outer++) {
    for (i = 0U; i < layer->count; i++) {
      const size_t from = first + (layer->indices[i] * bytes);
      (void)memcpy((uint8_t *)y + to, (const uint8_t *)x + from, bytes);
      to += bytes;
    }
    first += layer->size * bytes;
  }
}

void hwc_resize_nearest(const hwc_resize_t *layer, const void *x, void *y) {
  const size_t bytes = layer->pixel_bytes;
  size_t to = 0U;
  uint32_t h;
  uint32_t w;
  for (h = 0U; h < layer->out_height; h++) {
    const size_t row = (size_t)layer->rows[h] * layer->in_width;
    for (w = 0U; w < layer->out_width; w++) {
      const size_t from = (row + layer->columns[w]) * bytes;
      (void)memcpy((uint8_t *)y + to, (const uint8_t *)x + from, bytes);
      to += bytes;
    }
  }
}

void hwc_copy(uint32_t bytes, const void *x, void *y) { (void)memmove(y, x, bytes); }
