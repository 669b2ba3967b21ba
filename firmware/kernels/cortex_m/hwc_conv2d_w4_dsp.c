#include "hwc_block6_packed.h"
#include "hwc_conv2d_run6.h"

#if HWC_HAVE_DSP

/* 8 inputs of 6 pixels: 37 instructions for 48 multiply-accumulates. */
#define STEP                                                                                       \
  HWC_PACKED_LOW("0x000F000F", "0x00F000F0")                                                       \
  HWC_PACKED_LAST("0x000F000F", "0x00F000F0")

__attribute__((naked, noinline)) static void block6(hwc_block6_t *job __attribute__((unused))) {
  __asm__ volatile(HWC_BLOCK6_PACKED(STEP, "148", "96", "4", "4"));
}

static void prepare(uint32_t *unpacked, uint32_t words, int32_t offset, uint32_t *corrections) {
  hwc_prepare6(unpacked, words, offset, corrections, 4U, 4U);
}

void hwc_conv2d_w4_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  static const hwc_coding6_t coding = {block6, prepare, 3U};
  if (hwc_conv2d_is_blocked(layer)) {
    hwc_conv2d_run6(layer, (const uint8_t *)x, (uint8_t *)y, scratch, &coding);
  } else {
    hwc_conv2d_packed_generic(layer, x, y, scratch);
  }
}

#endif
