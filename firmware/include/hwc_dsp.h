/**
 * Cortex-M kernels for cores with the DSP extension (M4, M7, M33 ...): equal, bit for bit, to the
 * generic ones of the same name, which they call for what they do not cover.
 */
#ifndef HWC_DSP_H
#define HWC_DSP_H

#include "hwc_dot.h"
#include "hwc_elementwise.h"
#include "hwc_xnor.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32) && !defined(HWC_NO_DSP)
#define HWC_HAVE_DSP 1
#else
#define HWC_HAVE_DSP 0
#endif

#if HWC_HAVE_DSP
void hwc_conv2d_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);
void hwc_depthwise_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);
void hwc_dense_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch);
void hwc_conv2d_w4_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);
void hwc_conv2d_w2_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);
void hwc_conv2d_w1_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);
void hwc_dense_w4_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch);
void hwc_dense_w2_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch);
void hwc_dense_w1_dsp(const hwc_dense_t *layer, const void *x, void *y, void *scratch);
void hwc_xnor_dsp(const hwc_xnor_t *layer, const void *x, void *y, void *scratch);
void hwc_rescale_dsp(const hwc_rescale_t *layer, const void *const *inputs, void *y);
#endif

#endif
