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

/*
 * A word of weights of 2 or 1 bits: first the low bytes of its halves, then the high ones; `places`
 * are those of the even fields in a byte, `mask` the lowest field's, `last` the last place + 8.
 */
#define HWC_PACKED_FIELDS(bits, mask, places, last)                                                \
  ".irp half, 0, 8\n .irp at, " places "\n"                                                        \
  ".if (\\half + \\at) == " last "\n ldr r9, [r1], #4\n .else\n ldr r9, [r1]\n .endif\n"           \
  ".if \\half\n lsr r9, r9, #8\n .endif\n"                                                         \
  "and r8, r9, #(" mask " << \\at)\n and r9, r9, #(" mask " << (\\at + " bits                      \
  "))\n" HWC_BLOCK6_MACS ".endr\n .endr\n"

/*
 * 4 bits: r9 keeps both fields of a byte, 16 * odd + even; the activation that meets r8 has the
 * odd one's subtracted.
 */
#define HWC_PACKED_NIBBLES(next, ror)                                                              \
  "ldr r9, [r1]" next "\n uxtb16 r9, r9" ror "\n and r8, r9, #0x000F000F\n" HWC_BLOCK6_MACS

/* r2 to r7 become bias + sum / 2^scale; out of line: what an earlier pass left instead of a bias.
 */
#define ADD_BIAS(scale) EACH("add \\acc, r8, \\acc, asr #" scale "\n")
#define RESUMED(scale)                                                                             \
  "7: ldmia r12!, {r8-r10}\n"                                                                      \
  "add r2, r8, r2, asr #" scale "\n add r3, r9, r3, asr #" scale "\n add r4, r10, r4, asr #" scale \
  "\n ldmia r12!, {r8-r10}\n"                                                                      \
  "add r5, r8, r5, asr #" scale "\n add r6, r9, r6, asr #" scale "\n add r7, r10, r7, asr #" scale \
  "\n b 8b\n"

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
  "ldr lr, [sp]\n ldrd r12, r8, [lr, #8]\n cmp r8, #0\n bne.w 7f\n ldr r8, [r12], #4\n" ADD_BIAS(  \
      scale) "8: str r12, [lr, #8]\n" HWC_BLOCK6_FINISH                                            \
  RESUMED(scale)

/** The halves of a difference of pairs. */
static inline uint32_t hwc_subtract_pair(uint32_t a, uint32_t b) {
  uint32_t out;
  __asm__("ssub16 %0, %1, %2" : "=r"(out) : "r"(a), "r"(b));
  return out;
}

/** Scales one word of 4 inputs in place, the even pair by 2^shift; returns sum + the inputs. */
static inline uint32_t hwc_scale_word(uint32_t *at, uint32_t shift, uint32_t bits, uint32_t sum) {
  const uint32_t even = at[0];
  const uint32_t odd = at[1];
  at[0] = hwc_scale_pair(even, shift);
  at[1] = hwc_scale_pair(odd, shift - bits);
  return hwc_add_halves(odd, hwc_add_halves(even, sum));
}

/**
 * Scales the activations of 6 pixels, `words` words of 4 inputs each, and writes the corrections:
 * offset * sum of the pixel's activations * 2^scale. bits is 2 or 1.
 */
static inline __attribute__((always_inline)) void hwc_prepare6(uint32_t *unpacked, uint32_t words,
                                                               int32_t offset,
                                                               uint32_t *corrections, uint32_t bits,
                                                               uint32_t scale) {
  const uint32_t cycle = (bits == 2U) ? 2U : 4U; /* words of inputs that use a byte's fields */
  uint32_t pixel;
  uint32_t i;
  for (pixel = 0U; pixel < HWC_BLOCK_PIXELS; pixel++) {
    uint32_t *at = unpacked + (2U * pixel);
    uint32_t rest = words;
    uint32_t sum = 0U;
    for (; rest >= cycle; rest -= cycle) {
      for (i = 0U; i < cycle; i++) {
        sum = hwc_scale_word(at, 8U - bits - (2U * bits * i), bits, sum);
        at += 2U * HWC_BLOCK_PIXELS;
      }
    }
    for (i = 0U; i < rest; i++) {
      sum = hwc_scale_word(at, 8U - bits - (2U * bits * i), bits, sum);
      at += 2U * HWC_BLOCK_PIXELS;
    }
    corrections[pixel] = (sum * (uint32_t)offset) << scale;
  }
}

#endif
#endif
