#include "hwc_block6.h"

#if HWC_HAVE_DSP

/* From one word of inputs to the next of the same pixel, in unpacked words. */
#define STEP_WORDS (2U * HWC_BLOCK_PIXELS)

/* Channels whose accumulators wait in scratch for a requant that the block cannot do. */
#define WAITING_CHANNELS 8U

/* Where a block's pixels are, and the kernel rows of the pass. */
typedef struct {
  int32_t oh;
  int32_t ow;
  uint32_t first_row;
  uint32_t row_count;
} place_t;

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

static corner_t corner_of(const hwc_conv2d_t *layer, const place_t *place) {
  corner_t corner;
  corner.left = (place->ow * layer->stride_width) - layer->pad_left;
  corner.row = (place->oh * layer->stride_height) - layer->pad_top +
               ((int32_t)place->first_row * layer->dilation_height);
  return corner;
}

/* One pixel's window where the channels are whole words. */
static void unpack_pixel(const hwc_conv2d_t *layer, const uint8_t *x, const place_t *place,
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
static void gather_pixel(const hwc_conv2d_t *layer, const uint8_t *x, const place_t *place,
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

static void next_pixel(const hwc_conv2d_t *layer, place_t *place) {
  place->ow++;
  if (place->ow == layer->out_width) {
    place->ow = 0;
    place->oh++;
  }
}

/* The window of each of the block's pixels; past the last of `count`, the last again. */
static void unpack_block(const hwc_conv2d_t *layer, const uint8_t *x, place_t place, uint32_t count,
                         uint32_t *unpacked, uint8_t *gathered) {
  uint32_t i;
  for (i = 0U; i < HWC_BLOCK_PIXELS; i++) {
    if ((layer->in_channels & 3U) == 0U) {
      unpack_pixel(layer, x, &place, unpacked + (2U * i));
    } else {
      gather_pixel(layer, x, &place, unpacked + (2U * i), gathered);
    }
    if ((i + 1U) < count) {
      next_pixel(layer, &place);
    }
  }
}

/* Requant in C of `channels` channels from `first` on, from accumulators[channels][6]. */
static void finish_block(const hwc_conv2d_t *layer, const int32_t *accumulators, uint32_t first,
                         uint32_t channels, void *y, size_t out, uint32_t count) {
  uint32_t channel;
  uint32_t pixel;
  for (channel = 0U; channel < channels; channel++) {
    size_t at = out + first + channel;
    for (pixel = 0U; pixel < count; pixel++) {
      hwc_store(y, layer->out_type, at,
                hwc_requant_one(&layer->requant, first + channel, accumulators[pixel]));
      at += layer->out_channels;
    }
    accumulators += HWC_BLOCK_PIXELS;
  }
}

/* Scratch of a layer, in order: unpacked windows, waiting accumulators, gathered bytes. */
typedef struct {
  uint32_t *unpacked;
  int32_t *waiting;
  uint8_t *gathered;
} buffers_t;

/* A block whose finish the assembly cannot do, or of fewer than 6 pixels: 8 channels at a time. */
static void run_waiting(const hwc_conv2d_t *layer, hwc_block6_t *job, const buffers_t *buffers,
                        void *y, size_t out, uint32_t count) {
  uint32_t first = 0U;
  job->finish = HWC_FINISH_ACC;
  while (first < layer->out_channels) {
    const uint32_t rest = layer->out_channels - first;
    const uint32_t channels = (rest < WAITING_CHANNELS) ? rest : WAITING_CHANNELS;
    job->channels = channels;
    job->out = buffers->waiting;
    hwc_block6(job);
    finish_block(layer, buffers->waiting, first, channels, y, out, count);
    first += channels;
  }
}

/* One block of `count` pixels from `place` on, all output channels, in passes over kernel rows. */
static void run_block(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, place_t place,
                      size_t out, uint32_t count, const buffers_t *buffers) {
  const hwc_requant_t *requant = &layer->requant;
  const uint32_t finish =
      (count == HWC_BLOCK_PIXELS) ? hwc_finish_of(requant, layer->out_type) : HWC_FINISH_ACC;
  const uint32_t row_bytes = (uint32_t)layer->kernel_width * layer->in_channels;
  const uint32_t wide = (finish >= HWC_FINISH_WIDE_S8) ? 1U : 0U;
  hwc_block6_t job;
  for (place.first_row = 0U; place.first_row < layer->kernel_height;
       place.first_row += place.row_count) {
    const uint32_t rest = layer->kernel_height - place.first_row;
    place.row_count = (rest < layer->rows_per_pass) ? rest : layer->rows_per_pass;
    unpack_block(layer, x, place, count, buffers->unpacked, buffers->gathered);
    job.activations = buffers->unpacked;
    job.weights = layer->weights + (place.first_row * row_bytes);
    job.resume = (place.first_row != 0U) ? 1U : 0U;
    job.start = (job.resume != 0U) ? buffers->waiting : layer->bias;
    job.mult = requant->mult;
    job.mult_step = (uint32_t)requant->mult_step * 4U;
    job.offset = requant->offset;
    job.offset_step = (uint32_t)requant->offset_step * 8U;
    job.words = ((place.row_count * row_bytes) + 3U) >> 2;
    job.channels = layer->out_channels;
    job.pixel_stride = layer->out_channels;
    job.weight_skip = layer->weight_stride - (job.words * 4U);
    job.shift = (wide != 0U) ? ((uint32_t)requant->shift - 32U) : 0U;
    job.zero = requant->zero * (int32_t)(1U << job.shift);
    job.lo = requant->lo;
    job.hi = requant->hi;
    job.finish = finish;
    job.out = y + out;
    if ((rest > place.row_count) || ((finish == HWC_FINISH_ACC) && (job.resume != 0U))) {
      job.finish = HWC_FINISH_ACC;
      job.out = buffers->waiting;
      hwc_block6(&job);
      if (rest == place.row_count) {
        finish_block(layer, buffers->waiting, 0U, layer->out_channels, y, out, count);
      }
    } else if (finish == HWC_FINISH_ACC) {
      run_waiting(layer, &job, buffers, y, out, count);
    } else {
      hwc_block6(&job);
    }
  }
}

static void run(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, void *scratch) {
  const uint32_t pixels = (uint32_t)layer->out_height * layer->out_width;
  const uint32_t row_bytes = (uint32_t)layer->kernel_width * layer->in_channels;
  const uint32_t depth = ((layer->rows_per_pass * row_bytes) + 3U) & ~3U;
  const uint32_t waiting =
      (layer->rows_per_pass < layer->kernel_height) ? layer->out_channels : WAITING_CHANNELS;
  place_t place = {0, 0, 0U, 0U};
  uint32_t pixel = 0U;
  buffers_t buffers;
  buffers.unpacked = (uint32_t *)scratch;
  buffers.waiting = (int32_t *)scratch + (depth * (HWC_BLOCK_PIXELS / 2U));
  buffers.gathered = (uint8_t *)(buffers.waiting + (waiting * HWC_BLOCK_PIXELS));
  while (pixel < pixels) {
    uint32_t count = pixels - pixel;
    uint32_t i;
    if ((count < HWC_BLOCK_PIXELS) && (pixels >= HWC_BLOCK_PIXELS)) {
      /* Step back to a whole block: some pixels are computed twice, with the same result. */
      for (i = count; i < HWC_BLOCK_PIXELS; i++) {
        pixel--;
        place.ow--;
        if (place.ow < 0) {
          place.ow = (int32_t)layer->out_width - 1;
          place.oh--;
        }
      }
    }
    count = pixels - pixel;
    count = (count > HWC_BLOCK_PIXELS) ? HWC_BLOCK_PIXELS : count;
    run_block(layer, x, y, place, (size_t)pixel * layer->out_channels, count, &buffers);
    for (i = 0U; i < count; i++) {
      next_pixel(layer, &place);
    }
    pixel += count;
  }
}

void hwc_conv2d_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  const int covered = (layer->in_type <= HWC_U8) && (layer->weight_offset == 0) &&
                      (layer->group_in_channels == layer->in_channels) &&
                      (layer->dilation_width == 1U);
  if (covered) {
    run(layer, (const uint8_t *)x, (uint8_t *)y, scratch);
  } else {
    hwc_conv2d_generic(layer, x, y, scratch);
  }
}

#endif
