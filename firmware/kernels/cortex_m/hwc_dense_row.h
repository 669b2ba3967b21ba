/**
 * One row of a fully connected layer's inputs as 16-bit pairs. Private to kernels/cortex_m.
 */
#ifndef HWC_DENSE_ROW_H
#define HWC_DENSE_ROW_H

#include "hwc_dsp_words.h"

#if HWC_HAVE_DSP

/** 8-bit inputs, zeros past the end: for each word bytes 0, 2, 1, 3. */
static inline void hwc_unpack_row(const hwc_dense_t *layer, const uint8_t *from, uint32_t *to) {
  const uint32_t words = layer->in_features >> 2;
  const uint32_t rest = layer->in_features & 3U;
  uint32_t i;
  if (layer->in_type == HWC_S8) {
    for (i = 0U; i < words; i++) {
      const uint32_t word = hwc_read_word(from);
      to[0] = hwc_even_bytes(word, HWC_S8);
      to[1] = hwc_odd_bytes(word, HWC_S8);
      from += 4;
      to += 2;
    }
  } else {
    for (i = 0U; i < words; i++) {
      const uint32_t word = hwc_read_word(from);
      to[0] = hwc_even_bytes(word, HWC_U8);
      to[1] = hwc_odd_bytes(word, HWC_U8);
      from += 4;
      to += 2;
    }
  }
  if (rest != 0U) {
    uint32_t word = 0U;
    for (i = 0U; i < rest; i++) {
      word |= (uint32_t)from[i] << (8U * i);
    }
    to[0] = hwc_even_bytes(word, layer->in_type);
    to[1] = hwc_odd_bytes(word, layer->in_type);
  }
}

/** Requant of `count` outputs, 4 at the most, from `first` on, by `finish`. */
static inline void hwc_finish_row(const hwc_dense_t *layer, uint32_t finish, const int32_t *acc,
                                  uint32_t first, uint32_t count, void *y, size_t out) {
  uint32_t i;
  if (finish != HWC_FINISH_ACC) {
    uint8_t *to = (uint8_t *)y + out + first;
    for (i = 0U; i < count; i++) {
      to[i] = (uint8_t)hwc_finish_one(&layer->requant, finish, first + i, acc[i]);
    }
  } else {
    for (i = 0U; i < count; i++) {
      hwc_store(y, layer->out_type, out + first + i,
                hwc_requant_one(&layer->requant, first + i, acc[i]));
    }
  }
}

#endif
#endif
