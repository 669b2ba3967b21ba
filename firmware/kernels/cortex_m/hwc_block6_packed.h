/**
 * hwc_block6 for weights of 4, 2 or 1 bits: codes become pairs of halves by AND alone.
 * Private to kernels/cortex_m.
 *
 * A field of the low byte of a half is 2^at times its code, at = 0 to 8 - bits; the activations it
 * meets have been multiplied by 2^(8 - bits - at) (hwc_prepare6), so that all products have one
 * scale. The pixel's correction holds weight_offset times the sum of its activations.
 */
#ifndef HWC_BLOCK6_PACKED_H
#define HWC_BLOCK6_PACKED_H

#include "hwc_block6_asm.h"
#include "hwc_packed.h"

#if HWC_HAVE_DSP

/* 4 inputs, 19 or 18 instructions of 4 bytes: from the low bytes of a word's halves, or the high.
 */
#define HWC_PACKED_LOW(even, odd)                                                                  \
  "ldr r9, [r1]\n and r8, r9, #" even "\n and r9, r9, #" odd "\n" HWC_BLOCK6_MACS
#define HWC_PACKED_HIGH(even, odd)                                                                 \
  "ldr r9, [r1]\n lsr r9, r9, #8\n and r8, r9, #" even "\n and r9, r9, #" odd "\n" HWC_BLOCK6_MACS
#define HWC_PACKED_LAST(even, odd)                                                                 \
  "ldr r9, [r1], #4\n lsr r9, r9, #8\n and r8, r9, #" even "\n and r9, r9, #" odd                  \
  "\n" HWC_BLOCK6_MACS

/*
 * The body of a block function: `step` is a word of weights in step_bytes of code, word_bytes of
 * activations; unroll is a power of two; the sums have the scale 2^scale.
 */
#define HWC_BLOCK6_PACKED(step, step_bytes, word_bytes, unroll, scale)                             \
  ".syntax unified\n"                                                                              \
  "push {r4-r11, lr}\n sub sp, #12\n str r0, [sp]\n"                                               \
  "ldr r2, [r0]\n ldr r1, [r0, #32]\n movw r3, #" word_bytes "\n mla r3, r1, r3, r2\n"             \
  "str r3, [sp, #4]\n rsb r1, r1, #0\n and r1, r1, #" unroll " - 1\n movw r3, #" step_bytes "\n"   \
  "mul r1, r1, r3\n adr.w r3, 3f\n add r3, r3, r1\n orr r3, r3, #1\n str r3, [sp, #8]\n"           \
  "1: ldr lr, [sp]\n ldrd r0, r1, [lr]\n ldr r12, [lr, #72]\n ldmia r12, {r2-r7}\n"                \
  "ldr pc, [sp, #8]\n"                                                                             \
  ".balign 4\n"                                                                                    \
  "3: .rept " unroll "\n" step ".endr\n"                                                           \
  "ldr r8, [sp, #4]\n cmp r0, r8\n bne.w 3b\n"                                                     \
  "ldr lr, [sp]\n ldr r12, [lr, #8]\n ldr r8, [lr, #68]\n cmp r8, #0\n bne 7f\n"                   \
  "ldr r8, [r12], #4\n" EACH("add \\acc, r8, \\acc, asr #" scale                                   \
                             "\n") "b 8f\n"                                                        \
                                   "7: ldmia r12!, {r8-r10}\n add r2, r8, r2, asr #" scale         \
                                   "\n add r3, r9, r3, asr #" scale "\n"                           \
                                   "add r4, r10, r4, asr #" scale                                  \
                                   "\n ldmia r12!, {r8-r10}\n add r5, r8, r5, asr #" scale "\n"    \
                                   "add r6, r9, r6, asr #" scale "\n add r7, r10, r7, asr #" scale \
                                   "\n"                                                            \
                                   "8: str r12, [lr, #8]\n" HWC_BLOCK6_FINISH

/**
 * Scales the activations of 6 pixels, `words` words of 4 inputs each, and writes the corrections:
 * offset * sum of the pixel's activations * 2^scale.
 */
static inline __attribute__((always_inline)) void hwc_prepare6(uint32_t *unpacked, uint32_t words,
                                                               int32_t offset,
                                                               uint32_t *corrections, uint32_t bits,
                                                               uint32_t scale) {
  uint32_t pixel;
  uint32_t i;
  for (pixel = 0U; pixel < HWC_BLOCK_PIXELS; pixel++) {
    uint32_t *at = unpacked + (2U * pixel);
    uint32_t shift = 8U - bits;
    uint32_t sum = 0U;
    for (i = 0U; i < words; i++) {
      const uint32_t even = at[0];
      const uint32_t odd = at[1];
      sum = hwc_add_halves(odd, hwc_add_halves(even, sum));
      at[0] = hwc_scale_pair(even, shift);
      at[1] = hwc_scale_pair(odd, shift - bits);
      shift = (bits == 4U) ? 4U : ((shift == bits) ? (8U - bits) : (shift - (2U * bits)));
      at += 2U * HWC_BLOCK_PIXELS;
    }
    corrections[pixel] = (sum * (uint32_t)offset) << scale;
  }
}

#endif
#endif
