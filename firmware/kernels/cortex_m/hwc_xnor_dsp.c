#include "hwc_dsp_words.h"

#if HWC_HAVE_DSP

/* Bits of each group of four: 0 to 4. Masks are immediates, shifts are free. */
static inline uint32_t count_nibbles(uint32_t word) {
  uint32_t high;
  __asm__("and %1, %0, #0xAAAAAAAA\n sub %0, %0, %1, lsr #1\n"
          "and %1, %0, #0xCCCCCCCC\n sub %0, %0, %1\n add %0, %0, %1, lsr #2"
          : "+r"(word), "=&r"(high));
  return word;
}

/* count + the sum of eight groups of four bits. */
static inline uint32_t add_nibbles(uint32_t word, uint32_t count) {
  uint32_t high;
  __asm__("and %1, %0, #0xF0F0F0F0\n sub %0, %0, %1\n add %0, %0, %1, lsr #4\n"
          "usada8 %2, %0, %3, %2"
          : "+r"(word), "=&r"(high), "+r"(count)
          : "r"(0U));
  return count;
}

/* Three words: their groups hold 12 at the most. */
static inline uint32_t add_three(const uint32_t *a, const uint32_t *b, uint32_t count) {
  return add_nibbles(
      count_nibbles(a[0] ^ b[0]) + count_nibbles(a[1] ^ b[1]) + count_nibbles(a[2] ^ b[2]), count);
}

/* Bits that differ. */
static inline __attribute__((always_inline)) uint32_t count_differing(const uint32_t *a,
                                                                      const uint32_t *b,
                                                                      uint32_t words) {
  uint32_t count = 0U;
  uint32_t rest = words;
  for (; rest >= 6U; rest -= 6U) {
    count = add_three(a + 3, b + 3, add_three(a, b, count));
    a += 6;
    b += 6;
  }
  if (rest >= 3U) {
    count = add_three(a, b, count);
    a += 3;
    b += 3;
    rest -= 3U;
  }
  if (rest != 0U) {
    uint32_t groups = count_nibbles(a[0] ^ b[0]);
    if (rest == 2U) {
      groups += count_nibbles(a[1] ^ b[1]);
    }
    count = add_nibbles(groups, count);
  }
  return count;
}

/* Accumulator of channel `oc`. */
static inline __attribute__((always_inline)) int32_t accumulate(const hwc_xnor_t *layer,
                                                                const uint32_t *bits,
                                                                const uint32_t *weights,
                                                                uint32_t oc) {
  const int32_t differing = (int32_t)count_differing(bits, weights, layer->words);
  return layer->start[oc] - (layer->step * differing);
}

/* All channels of one output pixel, to 8 bits by HWC_REQUANT_HIGH. */
static void run_high(const hwc_xnor_t *layer, const uint32_t *bits, uint8_t *y) {
  const hwc_requant_t *requant = &layer->requant;
  const int32_t *mult = requant->mult;
  const uint32_t *weights = layer->weights;
  uint32_t oc;
  for (oc = 0U; oc < layer->out_channels; oc++) {
    const int32_t acc = accumulate(layer, bits, weights, oc);
    int32_t out;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(out) : "r"(acc), "r"(*mult), "r"(requant->zero));
    out = (out < requant->lo) ? requant->lo : out;
    y[oc] = (uint8_t)((out > requant->hi) ? requant->hi : out);
    mult += requant->mult_step;
    weights += layer->words;
  }
}

/* All channels of one output pixel, to any type. */
static void run_any(const hwc_xnor_t *layer, const uint32_t *bits, void *y, size_t out) {
  const uint32_t *weights = layer->weights;
  uint32_t oc;
  for (oc = 0U; oc < layer->out_channels; oc++) {
    const int32_t acc = accumulate(layer, bits, weights, oc);
    hwc_store(y, layer->out_type, out + oc, hwc_requant_one(&layer->requant, oc, acc));
    weights += layer->words;
  }
}

void hwc_xnor_dsp(const hwc_xnor_t *layer, const void *x, void *y, void *scratch) {
  int32_t top = -layer->pad_top;
  size_t out = 0U;
  uint32_t oh;
  uint32_t ow;
  for (oh = 0U; oh < layer->out_height; oh++) {
    int32_t left = -layer->pad_left;
    for (ow = 0U; ow < layer->out_width; ow++) {
      hwc_xnor_gather(layer, (const uint8_t *)x, top, left, (uint32_t *)scratch);
      if ((layer->requant.kind == HWC_REQUANT_HIGH) && (layer->out_type <= HWC_U8)) {
        run_high(layer, (const uint32_t *)scratch, (uint8_t *)y + out);
      } else {
        run_any(layer, (const uint32_t *)scratch, y, out);
      }
      out += layer->out_channels;
      left += layer->stride_width;
    }
    top += layer->stride_height;
  }
}

#endif
