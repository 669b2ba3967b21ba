/**
 * Every kernel, under one name: the fastest that the core being compiled for has.
 * Generated code includes this header alone.
 */
#ifndef HWC_KERNELS_H
#define HWC_KERNELS_H

#include "hwc_dot.h"
#include "hwc_dsp.h"
#include "hwc_elementwise.h"
#include "hwc_layout.h"
#include "hwc_lstm.h"
#include "hwc_packed.h"
#include "hwc_pool.h"
#include "hwc_reduce.h"
#include "hwc_xnor.h"

/** Convolution. Scratch: packing.conv2d_scratch_bytes(). */
static inline void hwc_conv2d(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_conv2d_dsp(layer, x, y, scratch);
#else
  hwc_conv2d_generic(layer, x, y, scratch);
#endif
}

/** Depthwise convolution: group_in_channels == 1. Scratch: packing.depthwise_scratch_bytes(). */
static inline void hwc_depthwise(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_depthwise_dsp(layer, x, y, scratch);
#else
  hwc_conv2d_generic(layer, x, y, scratch);
#endif
}

/** Fully connected layer. Scratch: packing.dense_scratch_bytes(). */
static inline void hwc_dense(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_dense_dsp(layer, x, y, scratch);
#else
  hwc_dense_generic(layer, x, y, scratch);
#endif
}

/** Convolution of 4-bit weights. Scratch: packed.conv2d_scratch_bytes(). */
static inline void hwc_conv2d_w4(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_conv2d_w4_dsp(layer, x, y, scratch);
#else
  hwc_conv2d_packed_generic(layer, x, y, scratch);
#endif
}

/** Convolution of 2-bit weights. Scratch: packed.conv2d_scratch_bytes(). */
static inline void hwc_conv2d_w2(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_conv2d_w2_dsp(layer, x, y, scratch);
#else
  hwc_conv2d_packed_generic(layer, x, y, scratch);
#endif
}

/** Convolution of 1-bit weights. Scratch: packed.conv2d_scratch_bytes(). */
static inline void hwc_conv2d_w1(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_conv2d_w1_dsp(layer, x, y, scratch);
#else
  hwc_conv2d_packed_generic(layer, x, y, scratch);
#endif
}

/** Fully connected layer of 4-bit weights. Scratch: packed.dense_scratch_bytes(). */
static inline void hwc_dense_w4(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_dense_w4_dsp(layer, x, y, scratch);
#else
  hwc_dense_packed_generic(layer, x, y, scratch);
#endif
}

/** Fully connected layer of 2-bit weights. Scratch: packed.dense_scratch_bytes(). */
static inline void hwc_dense_w2(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_dense_w2_dsp(layer, x, y, scratch);
#else
  hwc_dense_packed_generic(layer, x, y, scratch);
#endif
}

/** Fully connected layer of 1-bit weights. Scratch: packed.dense_scratch_bytes(). */
static inline void hwc_dense_w1(const hwc_dense_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_dense_w1_dsp(layer, x, y, scratch);
#else
  hwc_dense_packed_generic(layer, x, y, scratch);
#endif
}

/** Binary weights of inputs with two values. Scratch: words * 4 bytes. */
static inline void hwc_xnor(const hwc_xnor_t *layer, const void *x, void *y, void *scratch) {
#if HWC_HAVE_DSP
  hwc_xnor_dsp(layer, x, y, scratch);
#else
  hwc_xnor_generic(layer, x, y, scratch);
#endif
}

/** Requant of one or more inputs, elementwise. */
static inline void hwc_rescale(const hwc_rescale_t *layer, const void *const *inputs, void *y) {
#if HWC_HAVE_DSP
  hwc_rescale_dsp(layer, inputs, y);
#else
  hwc_rescale_generic(layer, inputs, y);
#endif
}

#endif
