#include "hwc_plane3x3.h"

#if HWC_HAVE_DSP

/* The plane of one input channel: `rows` rows of `pitch` halves, the image inside its padding. */
typedef struct {
  int16_t *data;
  uint32_t pitch;
  uint32_t rows;
} plane_t;

static void fill(const plane_t *plane, int32_t value) {
  const uint32_t count = (plane->rows * plane->pitch) + 2U;
  uint32_t i;
  for (i = 0U; i < count; i++) {
    plane->data[i] = (int16_t)value;
  }
}

static uint32_t least(uint32_t a, uint32_t b) { return (a < b) ? a : b; }

/* Copies one channel of the image into the plane; the padding stays. */
static void load_channel(const hwc_conv2d_t *layer, const uint8_t *x, const plane_t *plane) {
  const uint32_t rows = least(layer->in_height, plane->rows - layer->pad_top);
  const uint32_t columns = least(layer->in_width, plane->pitch - layer->pad_left);
  const size_t step = layer->in_channels;
  const size_t row_step = step * layer->in_width;
  int16_t *row = plane->data + ((size_t)layer->pad_top * plane->pitch) + layer->pad_left;
  uint32_t r;
  uint32_t c;
  for (r = 0U; r < rows; r++) {
    int16_t *to = row;
    if (layer->in_type == HWC_S8) {
      const int8_t *from = (const int8_t *)x;
      for (c = 0U; c < columns; c++) {
        *to = *from;
        to++;
        from += step;
      }
    } else {
      const uint8_t *from = x;
      for (c = 0U; c < columns; c++) {
        *to = *from;
        to++;
        from += step;
      }
    }
    x += row_step;
    row += plane->pitch;
  }
}

static uint32_t pair_of(int8_t low, int8_t high) {
  return ((uint32_t)low & 0xFFFFU) | ((uint32_t)high << 16);
}

static void set_channel(const hwc_conv2d_t *layer, uint32_t channel, hwc_plane3x3_t *job) {
  const hwc_requant_t *requant = &layer->requant;
  const int8_t *w = layer->weights + ((size_t)channel * layer->weight_stride);
  uint32_t i;
  for (i = 0U; i < 3U; i++) {
    job->taps[2U * i] = pair_of(w[3U * i], w[(3U * i) + 1U]);
    job->taps[(2U * i) + 1U] = pair_of(w[(3U * i) + 1U], w[(3U * i) + 2U]);
  }
  job->bias = layer->bias[channel];
  job->mult = requant->mult[channel * requant->mult_step];
  if (job->finish >= HWC_FINISH_WIDE_S8) {
    job->offset = requant->offset[channel * requant->offset_step] +
                  (requant->zero * ((int64_t)1 << requant->shift));
  } else {
    job->offset = requant->zero * ((int64_t)1 << 32);
  }
}

static void run(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, void *scratch) {
  const uint32_t stride = layer->stride_width;
  const uint32_t width = ((layer->out_width - 1U) * stride) + 3U;
  hwc_plane3x3_t job;
  plane_t plane;
  uint32_t in_group = 0U;
  uint32_t channel;
  plane.data = (int16_t *)scratch;
  plane.pitch = ((width + 1U) & ~1U) + 2U;
  plane.rows = ((layer->out_height - 1U) * layer->stride_height) + 3U;
  job.plane = (const uint32_t *)scratch;
  job.pitch = plane.pitch * 2U;
  job.rows = layer->out_height;
  job.pairs = (stride == 1U) ? ((uint32_t)layer->out_width >> 1) : 0U;
  job.singles = layer->out_width - (2U * job.pairs);
  job.row_advance = (job.pitch * layer->stride_height) - ((job.pairs + job.singles) * 4U);
  job.pixel_stride = layer->out_channels;
  job.finish = hwc_finish_of(&layer->requant, layer->out_type);
  job.shift = (job.finish >= HWC_FINISH_WIDE_S8) ? ((uint32_t)layer->requant.shift - 32U) : 0U;
  job.lo = layer->requant.lo;
  job.hi = layer->requant.hi;
  fill(&plane, layer->pad_value);
  for (channel = 0U; channel < layer->out_channels; channel++) {
    if (in_group == 0U) {
      load_channel(layer, x, &plane);
      x++;
      in_group = layer->group_out_channels;
    }
    in_group--;
    set_channel(layer, channel, &job);
    job.out = y + channel;
    hwc_plane3x3(&job);
  }
}

void hwc_depthwise_dsp(const hwc_conv2d_t *layer, const void *x, void *y, void *scratch) {
  const int shape = (layer->kernel_height == 3U) && (layer->kernel_width == 3U) &&
                    (layer->dilation_height == 1U) && (layer->dilation_width == 1U) &&
                    (layer->stride_width == layer->stride_height) && (layer->stride_width <= 2U);
  const int types = (layer->in_type <= HWC_U8) && (layer->weight_offset == 0) &&
                    (hwc_finish_of(&layer->requant, layer->out_type) != HWC_FINISH_ACC);
  if (shape && types && (layer->group_in_channels == 1U)) {
    run(layer, (const uint8_t *)x, (uint8_t *)y, scratch);
  } else {
    hwc_conv2d_generic(layer, x, y, scratch);
  }
}

#endif
