/**
 * Dot products whose weights take 4, 2 or 1 bits in flash.
 *
 *   weight = code + weight_offset                4 and 2 bits (three values too: codes 0, 1, 2)
 *   weight = 2 * code + weight_offset            1 bit: -1 and +1 with offset -1
 *
 * Codes are packed into 32-bit words of 8, 16 or 32 inputs, in the order in which SMLAD wants
 * pairs: of 4 inputs, 0 and 2, then 1 and 3. Input k of its word is at bit
 *
 *   16 * ((k >> 1) & 1) + bits * (2 * (k >> 2) + (k & 1))
 *
 * A row ends with codes 0 up to a whole word. Convolutions have a row for each output channel,
 * [kernel_height][kernel_width][in_channels / groups], weight_stride bytes apart. Dense layers
 * interleave 4 outputs: word ((o / 4 * K) + k) * 4 + o % 4 of K words an output. Packing:
 * hwcomp/targets/mcu/packed.py.
 */
#ifndef HWC_PACKED_H
#define HWC_PACKED_H

#include "hwc_dot.h"

/** log2 of the inputs of a word: 3, 4 or 5. */
static inline uint32_t hwc_packed_shift(uint32_t bits) {
  return (bits == 4U) ? 3U : ((bits == 2U) ? 4U : 5U);
}

/** Weight minus weight_offset of input `index`: 0 to 15, 0 to 3, or 0 and 2. */
static inline int8_t hwc_packed_weight(uint32_t word, uint32_t bits, uint32_t index) {
  const uint32_t k = index & ((1U << hwc_packed_shift(bits)) - 1U);
  const uint32_t at = (16U * ((k >> 1) & 1U)) + (bits * ((2U * (k >> 2)) + (k & 1U)));
  const uint32_t code = (word >> at) & ((1U << bits) - 1U);
  return (int8_t)((bits == 1U) ? (2U * code) : code);
}

/**
 * Convolution; each row of weights is unpacked once and serves all pixels.
 * @param scratch  packed.conv2d_scratch_bytes() bytes: a row as int8.
 */
void hwc_conv2d_packed_generic(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch);

/** Fully connected layer. @param scratch  packed.dense_scratch_bytes() bytes: a row as int8. */
void hwc_dense_packed_generic(const hwc_dense_t *layer, const void *x, void *y, void *scratch);

#endif
