#include "hwc_conv2d_run6.h"

#if HWC_HAVE_DSP

/* Channels whose accumulators wait in scratch for a requant that the block cannot do. */
#define WAITING_CHANNELS 8U

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

/* How a layer's weights are coded, and its scratch, in order: unpacked windows, waiting
 * accumulators, gathered bytes. */
typedef struct {
  const hwc_coding6_t *coding;
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
    buffers->coding->block(job);
    finish_block(layer, buffers->waiting, first, channels, y, out, count);
    first += channels;
  }
}

/* One block of `count` pixels from `place` on, all output channels, in passes over kernel rows. */
static void run_block(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, hwc_window6_t place,
                      size_t out, uint32_t count, const buffers_t *buffers) {
  const hwc_requant_t *requant = &layer->requant;
  const uint32_t finish =
      (count == HWC_BLOCK_PIXELS) ? hwc_finish_of(requant, layer->out_type) : HWC_FINISH_ACC;
  const uint32_t row_bytes = (uint32_t)layer->kernel_width * layer->in_channels;
  const uint32_t wide = (finish >= HWC_FINISH_WIDE_S8) ? 1U : 0U;
  const uint32_t inputs = 1U << buffers->coding->inputs_shift;
  const uint8_t *weights =
      (layer->packed != NULL) ? (const uint8_t *)layer->packed : (const uint8_t *)layer->weights;
  uint32_t corrections[HWC_BLOCK_PIXELS];
  hwc_block6_t job;
  job.corrections = corrections;
  for (place.first_row = 0U; place.first_row < layer->kernel_height;
       place.first_row += place.row_count) {
    const uint32_t rest = layer->kernel_height - place.first_row;
    place.row_count = (rest < layer->rows_per_pass) ? rest : layer->rows_per_pass;
    buffers->coding->window(layer, x, place, count, buffers->unpacked, buffers->gathered,
                            corrections);
    job.activations = buffers->unpacked;
    job.weights = weights + (((place.first_row * row_bytes) >> buffers->coding->inputs_shift) * 4U);
    job.resume = (place.first_row != 0U) ? 1U : 0U;
    job.start = (job.resume != 0U) ? buffers->waiting : layer->bias;
    job.mult = requant->mult;
    job.mult_step = (uint32_t)requant->mult_step * 4U;
    job.offset = requant->offset;
    job.offset_step = (uint32_t)requant->offset_step * 8U;
    job.words = ((place.row_count * row_bytes) + inputs - 1U) >> buffers->coding->inputs_shift;
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
      buffers->coding->block(&job);
      if (rest == place.row_count) {
        finish_block(layer, buffers->waiting, 0U, layer->out_channels, y, out, count);
      }
    } else if (finish == HWC_FINISH_ACC) {
      run_waiting(layer, &job, buffers, y, out, count);
    } else {
      buffers->coding->block(&job);
    }
  }
}

void hwc_conv2d_run6(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, void *scratch,
                     const hwc_coding6_t *coding) {
  const uint32_t pixels = (uint32_t)layer->out_height * layer->out_width;
  const uint32_t row_bytes = (uint32_t)layer->kernel_width * layer->in_channels;
  const uint32_t inputs = 1U << coding->inputs_shift;
  const uint32_t depth = ((layer->rows_per_pass * row_bytes) + inputs - 1U) & ~(inputs - 1U);
  const uint32_t waiting =
      (layer->rows_per_pass < layer->kernel_height) ? layer->out_channels : WAITING_CHANNELS;
  hwc_window6_t place = {0, 0, 0U, 0U};
  uint32_t pixel = 0U;
  buffers_t buffers;
  buffers.coding = coding;
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
      hwc_next_pixel(layer, &place);
    }
    pixel += count;
  }
}

#endif
