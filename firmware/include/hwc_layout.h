/**
 * Layers that move elements and compute nothing.
 * Model: hwcomp/ir/ops/layout.py.
 */
#ifndef HWC_LAYOUT_H
#define HWC_LAYOUT_H

#include "hwc_types.h"

/**
 * Strided copy over dims[0..rank-1], outermost first; strides and offsets in elements:
 *   dst[dst_offset + sum_a i_a * dst_strides[a]] = src[src_offset + sum_a i_a * src_strides[a]].
 * Transpose, Slice (negative steps too), Expand, DepthToSpace, one part of a Concat, Reverse.
 */
typedef struct {
  uint32_t dims[HWC_MAX_DIMS];
  int32_t src_strides[HWC_MAX_DIMS];
  int32_t dst_strides[HWC_MAX_DIMS];
  uint32_t src_offset;
  uint32_t dst_offset;
  uint8_t rank;         /**< 1 to HWC_MAX_DIMS. */
  uint8_t element_size; /**< bytes: 1, 2 or 4. */
} hwc_strided_t;

/** Constant padding: fills `elements` of the output, then copies the input into its place. */
typedef struct {
  hwc_strided_t inside;
  uint32_t elements;
  int32_t value;
  hwc_type_t type;
} hwc_pad_t;

/** Concatenation: row r of the output is row r of each input in turn, row_bytes[i] bytes each. */
typedef struct {
  const uint32_t *row_bytes; /**< [inputs]. */
  uint32_t inputs;
  uint32_t rows;
} hwc_concat_t;

/** x[outer][size][inner] to y[outer][count][inner], y[o][j] = x[o][indices[j]]; inner in bytes. */
typedef struct {
  const uint32_t *indices; /**< [count], each below size. */
  uint32_t outer;
  uint32_t size;
  uint32_t count;
  uint32_t inner_bytes;
} hwc_gather_t;

/** y[h][w] = x[rows[h]][columns[w]], pixels of pixel_bytes bytes (all channels). */
typedef struct {
  const uint16_t *rows;    /**< [out_height]. */
  const uint16_t *columns; /**< [out_width]. */
  uint16_t in_width;
  uint16_t out_height;
  uint16_t out_width;
  uint32_t pixel_bytes;
} hwc_resize_t;

void hwc_strided_copy(const hwc_strided_t *layer, const void *x, void *y);
void hwc_pad(const hwc_pad_t *layer, const void *x, void *y);
void hwc_concat(const hwc_concat_t *layer, const void *const *inputs, void *y);
void hwc_gather(const hwc_gather_t *layer, const void *x, void *y);
void hwc_resize_nearest(const hwc_resize_t *layer, const void *x, void *y);

/** Copies `bytes` bytes; the arrays may be the same, but not overlap otherwise. States too. */
void hwc_copy(uint32_t bytes, const void *x, void *y);

#endif
