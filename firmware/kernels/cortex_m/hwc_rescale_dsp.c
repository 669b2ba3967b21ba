#include "hwc_dsp_words.h"

#if HWC_HAVE_DSP

/* Constants of a per-tensor requant of two inputs, all sums within int32. */
typedef struct {
  int32_t mult_a;
  int32_t mult_b;
  int32_t offset; /* with zero * 2^shift in */
  uint32_t shift;
  int32_t lo;
  int32_t hi;
} pair_t;

static inline int32_t rescale(const pair_t *pair, int32_t a, int32_t b) {
  const int32_t acc = (a * pair->mult_a) + ((b * pair->mult_b) + pair->offset);
  int32_t out = acc >> pair->shift; /* GCC and Clang: arithmetic */
  out = (out < pair->lo) ? pair->lo : out;
  return (out > pair->hi) ? pair->hi : out;
}

static inline int32_t saturate_s8(int32_t value) {
  int32_t out;
  __asm__("ssat %0, #8, %1" : "=r"(out) : "r"(value));
  return out;
}

static inline int32_t saturate_u8(int32_t value) {
  int32_t out;
  __asm__("usat %0, #8, %1" : "=r"(out) : "r"(value));
  return out;
}

/* Byte `place` of a word, widened. */
#define BYTE(word, type, place)                                                                    \
  (((type) == HWC_S8) ? (int32_t)(int8_t)((word) >> (8 * (place)))                                 \
                      : (int32_t)(uint8_t)((word) >> (8 * (place))))

#define ONE(place)                                                                                 \
  do {                                                                                             \
    const int32_t acc =                                                                            \
        (BYTE(a, a_type, place) * mult_a) + ((BYTE(b, b_type, place) * mult_b) + offset);          \
    const int32_t out = acc >> shift;                                                              \
    y[place] = (uint8_t)(out_signed ? saturate_s8(out) : saturate_u8(out));                        \
  } while (0)

/* Four elements a step, clamped by SSAT or USAT; the types are constants after inlining. */
static inline __attribute__((always_inline)) void run_words(const pair_t *pair, const uint8_t *x0,
                                                            const uint8_t *x1, uint8_t *y,
                                                            size_t words, hwc_type_t a_type,
                                                            hwc_type_t b_type, int out_signed) {
  const int32_t mult_a = pair->mult_a;
  const int32_t mult_b = pair->mult_b;
  const int32_t offset = pair->offset;
  const uint32_t shift = pair->shift;
  const uint8_t *const end = x0 + (4U * words);
  while (x0 != end) {
    const uint32_t a = hwc_read_word(x0);
    const uint32_t b = hwc_read_word(x1);
    ONE(0);
    ONE(1);
    ONE(2);
    ONE(3);
    x0 += 4;
    x1 += 4;
    y += 4;
  }
}

static void run_typed(const pair_t *pair, const hwc_rescale_t *layer, const uint8_t *x0,
                      const uint8_t *x1, uint8_t *y, size_t words) {
  const uint32_t types =
      ((uint32_t)layer->in_types[0] << 2) | ((uint32_t)layer->in_types[1] << 1) | layer->out_type;
  switch (types) {
  case 0U:
    run_words(pair, x0, x1, y, words, HWC_S8, HWC_S8, 1);
    break;
  case 1U:
    run_words(pair, x0, x1, y, words, HWC_S8, HWC_S8, 0);
    break;
  case 2U:
    run_words(pair, x0, x1, y, words, HWC_S8, HWC_U8, 1);
    break;
  case 3U:
    run_words(pair, x0, x1, y, words, HWC_S8, HWC_U8, 0);
    break;
  case 4U:
    run_words(pair, x0, x1, y, words, HWC_U8, HWC_S8, 1);
    break;
  case 5U:
    run_words(pair, x0, x1, y, words, HWC_U8, HWC_S8, 0);
    break;
  case 6U:
    run_words(pair, x0, x1, y, words, HWC_U8, HWC_U8, 1);
    break;
  default:
    run_words(pair, x0, x1, y, words, HWC_U8, HWC_U8, 0);
    break;
  }
}

static void run(const hwc_rescale_t *layer, const void *const *inputs, uint8_t *y) {
  const hwc_requant_t *requant = &layer->requant;
  const size_t count = (size_t)layer->outer * layer->channels * layer->inner;
  const int64_t offset = (requant->kind == HWC_REQUANT_HIGH) ? 0 : requant->offset[0];
  const int whole = (layer->out_type == HWC_S8) ? ((requant->lo == -128) && (requant->hi == 127))
                                                : ((requant->lo == 0) && (requant->hi == 255));
  size_t at = 0U;
  pair_t pair;
  pair.mult_a = requant->mult[0];
  pair.mult_b = requant->mult[1];
  pair.shift = requant->shift;
  pair.offset = (int32_t)(offset + (requant->zero * ((int64_t)1 << requant->shift)));
  pair.lo = requant->lo;
  pair.hi = requant->hi;
  if (whole) {
    at = count & ~(size_t)3U;
    run_typed(&pair, layer, (const uint8_t *)inputs[0], (const uint8_t *)inputs[1], y, at >> 2);
  }
  for (; at < count; at++) {
    const int32_t a = hwc_load(inputs[0], layer->in_types[0], at);
    const int32_t b = hwc_load(inputs[1], layer->in_types[1], at);
    y[at] = (uint8_t)rescale(&pair, a, b);
  }
}

void hwc_rescale_dsp(const hwc_rescale_t *layer, const void *const *inputs, void *y) {
  const hwc_requant_t *requant = &layer->requant;
  const int covered = (layer->inputs == 2U) && (layer->acc_fits_int32 != 0U) &&
                      (requant->kind == HWC_REQUANT_NARROW) && (requant->shift < 32U) &&
                      (requant->mult_step == 0U) && (requant->offset_step == 0U) &&
                      (layer->out_type <= HWC_U8);
  if (covered && (layer->in_types[0] <= HWC_U8) && (layer->in_types[1] <= HWC_U8)) {
    run(layer, inputs, (uint8_t *)y);
  } else {
    hwc_rescale_generic(layer, inputs, y);
  }
}

#endif
