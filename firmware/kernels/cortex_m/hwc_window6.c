#include "hwc_window6.h"

#if HWC_HAVE_DSP

/* From one word of inputs to the next of the same pixel, in unpacked words. */
#define STEP_WORDS (2U * HWC_BLOCK_PIXELS)

static inline __attribute__((always_inline)) uint32_t *
unpack_typed(uint32_t *to, const uint8_t *from, uint32_t words, hwc_type_t type) {
  for (; words >= 2U; words -= 2U) {
    const uint32_t first = hwc_read_word(from);
    const uint32_t second = hwc_read_word(from + 4);
    to[0] = hwc_even_bytes(first, type);
    to[1] = hwc_odd_bytes(first, type);
    to[STEP_WORDS] = hwc_even_bytes(second, type);
    to[STEP_WORDS + 1U] = hwc_odd_bytes(second, type);
    from += 8;
    to += 2U * STEP_WORDS;
  }
  if (words != 0U) {
    const uint32_t word = hwc_read_word(from);
    to[0] = hwc_even_bytes(word, type);
    to[1] = hwc_odd_bytes(word, type);
    to += STEP_WORDS;
  }
  return to;
}

static uint32_t *unpack(uint32_t *to, const uint8_t *from, uint32_t words, hwc_type_t type) {
  return (type == HWC_S8) ? unpack_typed(to, from, words, HWC_S8)
                          : unpack_typed(to, from, words, HWC_U8);
}

static uint32_t *unpack_pad(uint32_t *to, uint32_t words, int32_t pad_value) {
  const uint32_t half = (uint32_t)pad_value & 0xFFFFU;
  const uint32_t pair = half | (half << 16);
  uint32_t i;
  for (i = 0U; i < words; i++) {
    to[0] = pair;
    to[1] = pair;
    to += STEP_WORDS;
  }
  return to;
}

static void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t count) {
  for (; count >= 4U; count -= 4U) {
    const uint32_t word = hwc_read_word(from);
    (void)memcpy(to, &word, 4U);
    to += 4;
    from += 4;
  }
  while (count != 0U) {
    *to = *from;
    to++;
    from++;
    count--;
  }
}

/* Part of a kernel row inside the image: `inside` places after `before`, `after` places follow. */
typedef struct {
  uint32_t before;
  uint32_t inside;
  uint32_t after;
} clip_t;

static clip_t clip_row(const hwc_conv2d_t *layer, int32_t row, int32_t left) {
  clip_t clip = {layer->kernel_width, 0U, 0U};
  if ((row >= 0) && (row < layer->in_height)) {
    int32_t first = (left < 0) ? -left : 0;
    int32_t end = (int32_t)layer->in_width - left;
    end = (end > layer->kernel_width) ? layer->kernel_width : end;
    if (first < end) {
      clip.before = (uint32_t)first;
      clip.inside = (uint32_t)(end - first);
      clip.after = layer->kernel_width - (uint32_t)end;
    }
  }
  return clip;
}

/* Corner of a pixel's window, at the first kernel row of the pass. */
typedef struct {
  int32_t row;
  int32_t left;
} corner_t;

static corner_t corner_of(const hwc_conv2d_t *layer, const hwc_window6_t *place) {
  corner_t corner;
  corner.left = (place->ow * layer->stride_width) - layer->pad_left;
  corner.row = (place->oh * layer->stride_height) - layer->pad_top +
               ((int32_t)place->first_row * layer->dilation_height);
  return corner;
}

/* One pixel's window where the channels are whole words. */
static void unpack_pixel(const hwc_conv2d_t *layer, const uint8_t *x, const hwc_window6_t *place,
                         uint32_t *to) {
  const corner_t corner = corner_of(layer, place);
  const int32_t left = corner.left;
  const uint32_t words = (uint32_t)layer->in_channels >> 2;
  const uint32_t row_words = words * layer->kernel_width;
  const int whole = (left >= 0) && ((left + layer->kernel_width) <= layer->in_width);
  const hwc_type_t type = layer->in_type;
  int32_t row = corner.row;
  uint32_t i;
  for (i = 0U; i < place->row_count; i++) {
    const int32_t first = ((row * layer->in_width) + left) * layer->in_channels;
    if ((row < 0) || (row >= layer->in_height)) {
      to = unpack_pad(to, row_words, layer->pad_value);
    } else if (whole) {
      to = unpack(to, x + first, row_words, type);
    } else {
      const clip_t clip = clip_row(layer, row, left);
      const int32_t from = first + ((int32_t)clip.before * layer->in_channels);
      to = unpack_pad(to, clip.before * words, layer->pad_value);
      to = unpack(to, (clip.inside == 0U) ? x : (x + from), clip.inside * words, type);
      to = unpack_pad(to, clip.after * words, layer->pad_value);
    }
    row += layer->dilation_height;
  }
}

/* One pixel's window of any channels: its bytes are gathered, then unpacked. */
static void gather_pixel(const hwc_conv2d_t *layer, const uint8_t *x, const hwc_window6_t *place,
                         uint32_t *to, uint8_t *gathered) {
  const corner_t corner = corner_of(layer, place);
  const uint32_t channels = layer->in_channels;
  const uint32_t row_bytes = channels * layer->kernel_width;
  int32_t row = corner.row;
  uint8_t *bytes = gathered;
  uint32_t i;
  for (i = 0U; i < place->row_count; i++) {
    const clip_t clip = clip_row(layer, row, corner.left);
    const int32_t pixel = (row * layer->in_width) + corner.left + (int32_t)clip.before;
    if (clip.inside != layer->kernel_width) {
      (void)memset(bytes, layer->pad_value, row_bytes);
    }
    if (clip.inside != 0U) {
      copy_bytes(bytes + (clip.before * channels), x + ((size_t)pixel * channels),
                 clip.inside * channels);
    }
    bytes += row_bytes;
    row += layer->dilation_height;
  }
  bytes[0] = 0U;
  bytes[1] = 0U;
  bytes[2] = 0U;
  (void)unpack(to, gathered, ((uint32_t)(bytes - gathered) + 3U) >> 2, layer->in_type);
}

void hwc_window6(const hwc_conv2d_t *layer, const uint8_t *x, hwc_window6_t place, uint32_t count,
                 uint32_t *unpacked, uint8_t *gathered, uint32_t *corrections) {
  const int pointwise = hwc_is_pointwise(layer);
  uint32_t i;
  (void)corrections;
  for (i = 0U; i < HWC_BLOCK_PIXELS; i++) {
    if (pointwise) {
      (void)unpack(unpacked + (2U * i), hwc_point(layer, x, &place),
                   (uint32_t)layer->in_channels >> 2, layer->in_type);
    } else if ((layer->in_channels & 3U) == 0U) {
      unpack_pixel(layer, x, &place, unpacked + (2U * i));
    } else {
      gather_pixel(layer, x, &place, unpacked + (2U * i), gathered);
    }
    if ((i + 1U) < count) {
      hwc_next_pixel(layer, &place);
    }
  }
}

#endif
