#include "hwc_dense_packed.h"

#if HWC_HAVE_DSP

/* 8 inputs of 4 outputs take 39 instructions. */
#define GROUPS HWC_DENSE_GROUP("0x000F000F", "0x00F000F0")

__attribute__((naked, noinline)) static const uint32_t *
dense4(const uint32_t *activations __attribute__((unused)),
       const uint32_t *weights __attribute__((unused)), uint32_t words __attribute__((unused)),
       int32_t *acc __attribute__((unused))) {
  __asm__ volatile(HWC_DENSE_PACKED(GROUPS));
}

void hwc_dense_w4_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
  if (layer->in_type <= HWC_U8) {
    hwc_dense_run(layer, (const uint8_t *)x, y, (uint32_t *)scratch, dense4, 4U, 4U);
  } else {
    hwc_dense_packed_generic(layer, x, y, scratch);
  }
}

#endif
