#include "hwc_conv2d_run6.h"

#if HWC_HAVE_DSP

void hwc_conv2d_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  static const hwc_coding6_t coding = {hwc_block6, hwc_window6, 2U};
  if (hwc_conv2d_is_blocked(layer) && (layer->weight_offset == 0)) {
    hwc_conv2d_run6(layer, (const uint8_t *)x, (uint8_t *)y, scratch, &coding);
  } else {
    hwc_conv2d_generic(layer, x, y, scratch);
  }
}

#endif
