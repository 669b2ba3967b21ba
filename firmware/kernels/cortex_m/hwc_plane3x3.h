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
  uint32_t held;         /* 36: kept in a register: HIGH the stride, WIDE the mult */
  int32_t bias;          /* 40 */
  uint32_t stride;       /* 44: bytes between two outputs */
  uint32_t shift;        /* 48: WIDE: shift - 32 */
  int32_t lo;            /* 52: CLAMP */
  int32_t hi;            /* 56 */
  uint32_t addend[2];    /* 60: WIDE: low and high word of the offset with zero * 2^shift in;
                                HIGH: mult and zero */
  const uint32_t *end;   /* 68: of the plane: plane + output rows * row step */
  uint32_t row_advance;  /* 72: bytes from the place after a row's last output to the next row */
  uint32_t pair_bytes;   /* 76: output bytes of a row's pairs of outputs (plane stride 1), or 0 */
  uint32_t single_bytes; /* 80: of the outputs after the pairs, or 0; one word of the plane each */
  uint32_t finish;       /* 84: HWC_FINISH_*, not ACC */
} hwc_plane3x3_t;

void hwc_plane3x3(const hwc_plane3x3_t *job);

#endif
#endif
