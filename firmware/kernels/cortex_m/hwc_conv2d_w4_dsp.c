#include "hwc_block6_packed.h"
#include "hwc_conv2d_run6.h"

#if HWC_HAVE_DSP

/* 8 inputs of 6 pixels: 36 instructions for 48 multiply-accumulates. */
#define STEP HWC_PACKED_NIBBLES("", "") HWC_PACKED_NIBBLES(", #4", ", ror #8")

__attribute__((naked, noinline)) static void block6(hwc_block6_t *job __attribute__((unused))) {
  __asm__ volatile(HWC_BLOCK6_PACKED(STEP, "144", "96", "4", "4"));
}

/* The pair that meets the even fields, which stand beside 16 times the odd ones. */
static inline uint32_t apart(uint32_t even, uint32_t odd) {
  return hwc_subtract_pair(hwc_scale_pair(even, 4U), odd);
}

/* One word of 4 inputs; returns sum + its bytes, signed ones 128 too large. */
static inline uint32_t point_word(uint32_t *to, uint32_t word, hwc_type_t type, uint32_t sum) {
  const uint32_t even = hwc_even_bytes(word, type);
  const uint32_t odd = hwc_odd_bytes(word, type);
  const uint32_t bytes = (type == HWC_S8) ? (word ^ 0x80808080U) : word;
  __asm__("usada8 %0, %1, %2, %0" : "+r"(sum) : "r"(bytes), "r"(0U));
  to[0] = (type == HWC_S8) ? apart(even, odd) : hwc_subtract_pair(even << 4, odd);
  to[1] = odd;
  return sum;
}

/* One pixel of a pointwise layer; returns the sum of its inputs. */
static inline __attribute__((always_inline)) uint32_t point(uint32_t *to, const uint8_t *from,
                                                            uint32_t words, hwc_type_t type) {
  uint32_t sum = (type == HWC_S8) ? (uint32_t)0U - (512U * words) : 0U;
  uint32_t rest = words;
  for (; rest >= 4U; rest -= 4U) {
    sum = point_word(to, hwc_read_word(from), type, sum);
    sum = point_word(to + (2U * HWC_BLOCK_PIXELS), hwc_read_word(from + 4), type, sum);
    sum = point_word(to + (4U * HWC_BLOCK_PIXELS), hwc_read_word(from + 8), type, sum);
    sum = point_word(to + (6U * HWC_BLOCK_PIXELS), hwc_read_word(from + 12), type, sum);
    from += 16;
    to += 8U * HWC_BLOCK_PIXELS;
  }
  for (; rest != 0U; rest--) {
    sum = point_word(to, hwc_read_word(from), type, sum);
    from += 4;
    to += 2U * HWC_BLOCK_PIXELS;
  }
  return sum;
}

/* One pixel that hwc_window6 has unpacked; returns its sum. */
static inline uint32_t prepare(uint32_t *at, uint32_t words) {
  uint32_t sum = 0U;
  uint32_t i;
  for (i = 0U; i < words; i++) {
    sum = hwc_add_halves(at[1], hwc_add_halves(at[0], sum));
    at[0] = apart(at[0], at[1]);
    at += 2U * HWC_BLOCK_PIXELS;
  }
  return sum;
}

static void window(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                   uint32_t *unpacked, uint8_t *gathered, uint32_t *corrections) {
  const int direct = hwc_is_pointwise(layer);
  const uint32_t words = hwc_window_words(layer, &place);
  uint32_t pixel;
  if (!direct) {
    hwc_window6(layer, x, place, count, unpacked, gathered, corrections);
  }
  for (pixel = 0U; pixel < HWC_BLOCK_PIXELS; pixel++) {
    uint32_t *to = unpacked + (2U * pixel);
    uint32_t sum;
    if (!direct) {
      sum = prepare(to, words);
    } else if (layer->in_type == HWC_S8) {
      sum = point(to, hwc_point(layer, x, &place), words, HWC_S8);
    } else {
      sum = point(to, hwc_point(layer, x, &place), words, HWC_U8);
    }
    corrections[pixel] = (sum * (uint32_t)layer->weight_offset) << 4;
    if ((pixel + 1U) < count) {
      hwc_next_pixel(layer, &place);
    }
  }
}

void hwc_conv2d_w4_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  static const hwc_coding6_t coding = {block6, window, 3U};
  if (hwc_conv2d_is_blocked(layer)) {
    hwc_conv2d_run6(layer, (const uint8_t *)x, (uint8_t *)y, scratch, &coding);
  } else {
    hwc_conv2d_packed_generic(layer, x, y, scratch);
  }
}

#endif
