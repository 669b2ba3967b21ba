#include <string.h>

#include "hwc_xnor.h"

/* Where the next bit goes. */
typedef struct {
  uint32_t *to;
  uint32_t word;
  uint32_t filled;
} bits_t;

static inline void put(bits_t *bits, uint32_t bit) {
  bits->word |= bit << bits->filled;
  bits->filled++;
  if (bits->filled == 32U) {
    *bits->to = bits->word;
    bits->to++;
    bits->word = 0U;
    bits->filled = 0U;
  }
}

/* The channels of one input pixel; where the first byte of a word is its lowest, four at a time. */
static void put_pixel(bits_t *bits, const uint8_t *x, uint32_t channels, uint32_t bit) {
  bits_t own = *bits;
  uint32_t c = 0U;
#if defined(__BYTE_ORDER__) && (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
  if ((own.filled & 3U) == 0U) {
    for (; (c + 4U) <= channels; c += 4U) {
      uint32_t four;
      (void)memcpy(&four, x, sizeof four);
      own.word |= ((((four >> bit) & 0x01010101U) * 0x01020408U) >> 24) << own.filled;
      own.filled = (own.filled + 4U) & 31U;
      if (own.filled == 0U) {
        *own.to = own.word;
        own.to++;
        own.word = 0U;
      }
      x += 4;
    }
  }
#endif
  for (; c < channels; c++) {
    put(&own, ((uint32_t)*x >> bit) & 1U);
    x++;
  }
  *bits = own;
}

void hwc_xnor_gather(const hwc_xnor_t *layer, const uint8_t *x, int32_t top, int32_t left,
                     uint32_t *to) {
  bits_t bits = {to, 0U, 0U};
  int32_t row = top;
  uint32_t kh;
  uint32_t kw;
  uint32_t c;
  for (kh = 0U; kh < layer->kernel_height; kh++) {
    int32_t column = left;
    for (kw = 0U; kw < layer->kernel_width; kw++) {
      if ((row >= 0) && (row < layer->in_height) && (column >= 0) && (column < layer->in_width)) {
        const size_t pixel = ((size_t)row * (size_t)layer->in_width) + (size_t)column;
        put_pixel(&bits, x + (pixel * layer->in_channels), layer->in_channels, layer->bit);
      } else {
        for (c = 0U; c < layer->in_channels; c++) {
          put(&bits, layer->pad_bit);
        }
      }
      column += layer->dilation_width;
    }
    row += layer->dilation_height;
  }
  if (bits.filled != 0U) {
    *bits.to = bits.word;
  }
}

/* Bits of each group of four: 0 to 4. */
static inline uint32_t count_nibbles(uint32_t word) {
  const uint32_t pairs = word - ((word >> 1) & 0x55555555U);
  return (pairs & 0x33333333U) + ((pairs >> 2) & 0x33333333U);
}

/* Sum of eight groups of four bits. */
static inline uint32_t sum_nibbles(uint32_t word) {
  return (((word & 0x0F0F0F0FU) + ((word >> 4) & 0x0F0F0F0FU)) * 0x01010101U) >> 24;
}

/* Bits that differ. Three words share the last steps: their groups hold 12 at the most. */
static inline uint32_t count_differing(const uint32_t *a, const uint32_t *b, uint32_t words) {
  uint32_t count = 0U;
  uint32_t rest = words;
  for (; rest >= 3U; rest -= 3U) {
    count += sum_nibbles(count_nibbles(a[0] ^ b[0]) + count_nibbles(a[1] ^ b[1]) +
                         count_nibbles(a[2] ^ b[2]));
    a += 3;
    b += 3;
  }
  if (rest != 0U) {
    uint32_t groups = count_nibbles(a[0] ^ b[0]);
    if (rest == 2U) {
      groups += count_nibbles(a[1] ^ b[1]);
    }
    count += sum_nibbles(groups);
  }
  return count;
}

void hwc_xnor_generic(const hwc_xnor_t *layer, const void *x, void *y, void *scratch) {
  uint32_t *bits = (uint32_t *)scratch;
  int32_t top = -layer->pad_top;
  size_t out = 0U;
  uint32_t oh;
  uint32_t ow;
  uint32_t oc;
  for (oh = 0U; oh < layer->out_height; oh++) {
    int32_t left = -layer->pad_left;
    for (ow = 0U; ow < layer->out_width; ow++) {
      const uint32_t *weights = layer->weights;
      hwc_xnor_gather(layer, (const uint8_t *)x, top, left, bits);
      for (oc = 0U; oc < layer->out_channels; oc++) {
        const int32_t differing = (int32_t)count_differing(bits, weights, layer->words);
        const int32_t acc = layer->start[oc] - (layer->step * differing);
        hwc_store(y, layer->out_type, out, hwc_requant_one(&layer->requant, oc, acc));
        out++;
        weights += layer->words;
      }
      left += layer->stride_width;
    }
    top += layer->stride_height;
  }
}
