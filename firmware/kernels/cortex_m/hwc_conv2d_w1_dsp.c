#include "hwc_block6_packed.h"
#include "hwc_conv2d_run6.h"

#if HWC_HAVE_DSP

/* 32 inputs of 6 pixels: 148 instructions for 192 multiply-accumulates. */
#define STEP HWC_PACKED_FIELDS("1", "0x00010001", "0, 2, 4, 6", "14")

__attribute__((naked, noinline)) static void block6(hwc_block6_t *job __attribute__((unused))) {
  __asm__ volatile(HWC_BLOCK6_PACKED(STEP, "592", "384", "1", "6"));
}

static void window(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                   uint32_t *unpacked, uint8_t *gathered, uint32_t *corrections) {
  hwc_window6(layer, x, place, count, unpacked, gathered, corrections);
  hwc_prepare6(unpacked, hwc_window_words(layer, &place), layer->weight_offset, corrections, 1U,
               6U);
}

void hwc_conv2d_w1_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  static const hwc_coding6_t coding = {block6, window, 5U};
  if (hwc_conv2d_is_blocked(layer)) {
    hwc_conv2d_run6(layer, (const uint8_t *)x, (uint8_t *)y, scratch, &coding);
  } else {
    hwc_conv2d_packed_generic(layer, x, y, scratch);
  }
}

#endif
