#include "hwc_dense_row.h"

#if HWC_HAVE_DSP

/* 4 inputs of 4 outputs: 18 instructions of 4 bytes for 16 multiply-accumulates. */
#define OUTPUT(acc, word)                                                                          \
  "sxtb16 r3, " word "\n smlad " acc ", r3, r12, " acc "\n sxtb16 " word ", " word                 \
  ", ror #8\n smlad " acc ", " word ", lr, " acc "\n"
#define STEP                                                                                       \
  "ldrd r12, lr, [r0], #8\n ldmia r1!, {r8-r11}\n" OUTPUT("r4", "r8") OUTPUT("r5", "r9")           \
      OUTPUT("r6", "r10") OUTPUT("r7", "r11")

/*
 * acc[0..3] += 4 outputs' products over `words` words of inputs (1 or more), weights "oc4k4".
 * r0: activations, r1: weights, r2: words, then the end of the activations, r3: acc.
 * Returns the place after the weights read.
 */
__attribute__((naked, noinline)) static const int8_t *
dense4(const uint32_t *activations __attribute__((unused)),
       const int8_t *weights __attribute__((unused)), uint32_t words __attribute__((unused)),
       int32_t *acc __attribute__((unused))) {
  __asm__ volatile(".syntax unified\n"
                   "push {r3-r11, lr}\n ldmia r3, {r4-r7}\n"
                   "rsb r8, r2, #0\n and r8, r8, #7\n movs r9, #72\n mul r8, r8, r9\n"
                   "add r2, r0, r2, lsl #3\n"
                   "adr.w r3, 1f\n add r3, r3, r8\n orr r3, r3, #1\n bx r3\n"
                   /* Entered at the step that leaves a multiple of 8. */
                   ".balign 4\n"
                   "1: .rept 8\n" STEP ".endr\n"
                   "cmp r0, r2\n bne.w 1b\n"
                   "pop {r3}\n stmia r3, {r4-r7}\n mov r0, r1\n pop {r4-r11, pc}\n");
}

static void run_row(const hwc_dense_t *layer, const uint32_t *unpacked, void *y, size_t out) {
  const uint32_t words = (layer->in_features + 3U) >> 2;
  const uint32_t finish = hwc_finish_of(&layer->requant, layer->out_type);
  const int8_t *weights = layer->weights;
  uint32_t first = 0U;
  uint32_t i;
  while (first < layer->out_features) {
    const uint32_t rest = layer->out_features - first;
    const uint32_t count = (rest < 4U) ? rest : 4U;
    int32_t acc[4] = {0, 0, 0, 0};
    for (i = 0U; i < count; i++) {
      acc[i] = layer->bias[first + i];
    }
    weights = dense4(unpacked, weights, words, acc);
    hwc_finish_row(layer, finish, acc, first, count, y, out);
    first += count;
  }
}

void hwc_dense_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
  if ((layer->in_type <= HWC_U8) && (layer->weight_offset == 0)) {
    const uint8_t *from = (const uint8_t *)x;
    size_t out = 0U;
    uint32_t row;
    for (row = 0U; row < layer->rows; row++) {
      hwc_unpack_row(layer, from, (uint32_t *)scratch);
      run_row(layer, (const uint32_t *)scratch, y, out);
      from += layer->in_features;
      out += layer->out_features;
    }
  } else {
    hwc_dense_generic(layer, x, y, scratch);
  }
}

#endif
