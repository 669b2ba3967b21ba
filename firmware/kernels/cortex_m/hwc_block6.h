/**
 * Inner kernel of the Cortex-M convolution: 6 pixels by any number of output channels.
 * Private to kernels/cortex_m.
 */
#ifndef HWC_BLOCK6_H
#define HWC_BLOCK6_H

#include "hwc_dsp_words.h"

#if HWC_HAVE_DSP

/** Pixels computed at once: 6 accumulators, 2 weight and 4 activation registers fill the file. */
#define HWC_BLOCK_PIXELS 6U

/**
 * One job. The offsets of the fields are known to the assembly; the job is changed by the call.
 * Activations: for each word of 4 inputs, 12 words: for each pixel its bytes 0 and 2, then 1 and 3,
 * as 16-bit pairs. Weights: 4 bytes for each word of inputs (packed weights: for each 8, 16 or 32
 * inputs), weight_skip bytes between channels.
 */
typedef struct {
  const uint32_t *activations; /*  0 */
  const uint8_t *weights;      /*  4 */
  const int32_t *start;        /*  8: bias[channels], or accumulators[channels][6] */
  uint32_t resume;             /* 12: 1: start holds accumulators */
  const int32_t *mult;         /* 16 */
  uint32_t mult_step;          /* 20: bytes */
  const int64_t *offset;       /* 24 */
  uint32_t offset_step;        /* 28: bytes */
  uint32_t words;              /* 32: of a channel's weights, 1 or more */
  uint32_t channels;           /* 36: 1 or more */
  void *out;                   /* 40: first pixel's output, or accumulators[channels][6] */
  uint32_t pixel_stride;       /* 44: bytes between two pixels' outputs */
  int32_t zero;                /* 48: times 2^(shift - 32) */
  uint32_t shift;              /* 52: shift - 32 */
  uint32_t weight_skip;        /* 56 */
  uint32_t finish;             /* 60: HWC_FINISH_* */
  int32_t lo;                  /* 64 */
  int32_t hi;                  /* 68 */
  const uint32_t *corrections; /* 72: packed weights: each pixel's sum starts from it */
} hwc_block6_t;

void hwc_block6(hwc_block6_t *job);

#endif
#endif
