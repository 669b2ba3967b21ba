/**
 * Inner kernel of the Cortex-M depthwise convolution: 3x3 over one channel's padded plane.
 * Private to kernels/cortex_m.
 */
#ifndef HWC_PLANE3X3_H
#define HWC_PLANE3X3_H

#include "hwc_dsp_words.h"

#if HWC_HAVE_DSP

/** One job. The offsets of the fields are known to the assembly. */
typedef struct {
  const uint32_t *plane; /*  0: int16, rows of whole words, 4-byte aligned */
  uint8_t *out;          /*  4: the channel's first output */
  uint32_t pitch;        /*  8: bytes from one row of the plane to the next */
  uint32_t taps[6];      /* 12: for each kernel row, w0 | w1 << 16 and w1 | w2 << 16 */
  int32_t mult;          /* 36 */
  uint32_t rows;         /* 40: output rows, 1 or more */
  uint32_t pairs;        /* 44: pairs of outputs a row (stride 1) */
  uint32_t singles;      /* 48: outputs a row after the pairs, one word of the plane apart */
  uint32_t row_advance;  /* 52: bytes from the place after a row's last output to the next row */
  int32_t bias;          /* 56 */
  uint32_t pixel_stride; /* 60: bytes between two outputs */
  uint32_t finish;       /* 64: HWC_FINISH_*, not ACC */
  uint32_t shift;        /* 68: WIDE: shift - 32 */
  int32_t lo;            /* 72: CLAMP */
  int32_t hi;            /* 76 */
  int64_t offset;        /* 80: WIDE: the offset; HIGH: zero * 2^32; both with the zero point in */
} hwc_plane3x3_t;

void hwc_plane3x3(const hwc_plane3x3_t *job);

#endif
#endif
