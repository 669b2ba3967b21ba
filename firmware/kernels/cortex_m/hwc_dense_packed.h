/**
 * Fully connected layers with weights of 4, 2 or 1 bits: 4 outputs at once, codes made pairs by
 * AND alone (see hwc_block6_packed.h). Private to kernels/cortex_m.
 */
#ifndef HWC_DENSE_PACKED_H
#define HWC_DENSE_PACKED_H

#include "hwc_dense_row.h"
#include "hwc_packed.h"

#if HWC_HAVE_DSP

#define HWC_DENSE_OUTPUT(acc, word, even, odd)                                                     \
  "and r3, " word ", #" even "\n smlad " acc ", r3, r12, " acc "\n"                                \
  "and r3, " word ", #" odd "\n smlad " acc ", r3, lr, " acc "\n"
/* 4 inputs of 4 outputs: 17 instructions. */
#define HWC_DENSE_GROUP(even, odd)                                                                 \
  "ldrd r12, lr, [r0], #8\n" HWC_DENSE_OUTPUT("r4", "r8", even, odd)                               \
      HWC_DENSE_OUTPUT("r5", "r9", even, odd) HWC_DENSE_OUTPUT("r6", "r10", even, odd)             \
          HWC_DENSE_OUTPUT("r7", "r11", even, odd)
/* A word of weights of each output: groups(even and odd masks) of the low, then the high bytes. */
#define HWC_DENSE_STEP(groups)                                                                     \
  "ldmia r1!, {r8-r11}\n" groups                                                                   \
  "lsr r8, r8, #8\n lsr r9, r9, #8\n lsr r10, r10, #8\n lsr r11, r11, #8\n" groups

/* r0: activations, r1: weights, r2: words, r3: acc[4], which the products are added to. */
#define HWC_DENSE_PACKED(groups)                                                                   \
  ".syntax unified\n push {r3-r11, lr}\n ldmia r3, {r4-r7}\n"                                      \
  "1:\n" HWC_DENSE_STEP(groups) "subs r2, r2, #1\n bne.w 1b\n"                                     \
                                "pop {r3}\n stmia r3, {r4-r7}\n mov r0, r1\n pop {r4-r11, pc}\n"

/** acc[0..3] += products of `words` words of weights of 4 outputs; returns the next weights. */
typedef const uint32_t *(*hwc_dense4_t)(const uint32_t *activations, const uint32_t *weights,
                                        uint32_t words, int32_t *acc);

/** Scales a row of activations; returns their sum. */
static inline uint32_t hwc_prepare_row(uint32_t *unpacked, uint32_t words, uint32_t bits) {
  uint32_t shift = 8U - bits;
  uint32_t sum = 0U;
  uint32_t i;
  for (i = 0U; i < words; i++) {
    const uint32_t even = unpacked[0];
    const uint32_t odd = unpacked[1];
    sum = hwc_add_halves(odd, hwc_add_halves(even, sum));
    unpacked[0] = hwc_scale_pair(even, shift);
    unpacked[1] = hwc_scale_pair(odd, shift - bits);
    shift = (bits == 4U) ? 4U : ((shift == bits) ? (8U - bits) : (shift - (2U * bits)));
    unpacked += 2;
  }
  return sum;
}

/** All rows; bits and scale are constants after inlining. */
static inline __attribute__((always_inline)) void
hwc_dense_run(const hwc_dense_t *layer, const uint8_t *x, void *y, uint32_t *unpacked,
              hwc_dense4_t dense4, uint32_t bits, uint32_t scale) {
  const uint32_t inputs = 1U << hwc_packed_shift(bits);
  const uint32_t words = (layer->in_features + inputs - 1U) >> hwc_packed_shift(bits);
  const uint32_t finish = hwc_finish_of(&layer->requant, layer->out_type);
  size_t out = 0U;
  uint32_t row;
  uint32_t i;
  for (row = 0U; row < layer->rows; row++) {
    const uint32_t *weights = layer->packed;
    uint32_t first = 0U;
    uint32_t start;
    hwc_unpack_row(layer, x, unpacked);
    start = hwc_prepare_row(unpacked, (layer->in_features + 3U) >> 2, bits);
    start = (start * (uint32_t)layer->weight_offset) << scale;
    while (first < layer->out_features) {
      const uint32_t rest = layer->out_features - first;
      const uint32_t count = (rest < 4U) ? rest : 4U;
      int32_t acc[4];
      for (i = 0U; i < 4U; i++) {
        acc[i] = (int32_t)start;
      }
      weights = dense4(unpacked, weights, words, acc);
      for (i = 0U; i < count; i++) {
        acc[i] = layer->bias[first + i] + (acc[i] >> scale);
      }
      hwc_finish_row(layer, finish, acc, first, count, y, out);
      first += count;
    }
    x += layer->in_features;
    out += layer->out_features;
  }
}

#endif
#endif
