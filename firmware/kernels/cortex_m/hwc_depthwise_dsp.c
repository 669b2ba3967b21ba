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

/* One element: 3 instructions of 4 bytes. */
#define ELEMENT(load) load ".w r12, [r0]\n add.w r0, r0, r2\n strh.w r12, [r1], #2\n"

/* r4 and r5 groups of 4 (left, in a row), r6 rows left, r7 bytes to the next row, r8 entry. */
#define WIDEN(load)                                                                                \
  ".syntax unified\n push {r4-r8, lr}\n ldr r6, [sp, #24]\n ldr r7, [sp, #28]\n"                   \
  "add r5, r3, #3\n lsrs r5, r5, #2\n rsb r4, r3, #0\n and r4, r4, #3\n"                           \
  "movs r12, #12\n mul r4, r4, r12\n adr.w r8, 2f\n add r8, r8, r4\n orr r8, r8, #1\n"             \
  "1: mov r4, r5\n bx r8\n .balign 4\n"                                                            \
  "2: .rept 4\n" ELEMENT(load) ".endr\n subs r4, r4, #1\n bne 2b\n"                                \
                               "add r1, r1, r7\n subs r6, r6, #1\n bne 1b\n pop {r4-r8, pc}\n"

/* Widens `rows` rows of `columns` bytes (1 or more), `step` bytes from pixel to pixel throughout,
 * to rows with `gap` bytes between them. */
#define HWC_DEFINE_WIDEN(name, load)                                                               \
  __attribute__((naked, noinline)) static void name(                                               \
      const uint8_t *from __attribute__((unused)), int16_t *to __attribute__((unused)),            \
      uint32_t step __attribute__((unused)), uint32_t columns __attribute__((unused)),             \
      uint32_t rows __attribute__((unused)), uint32_t gap __attribute__((unused))) {               \
    __asm__ volatile(WIDEN(load));                                                                 \
  }

HWC_DEFINE_WIDEN(widen_s8, "ldrsb")
HWC_DEFINE_WIDEN(widen_u8, "ldrb")

/* Copies one channel of the image into the plane; the padding stays. Columns that no
 * window reaches have no room in the plane: then the rows are cut, and go one by one. */
static void load_channel(const hwc_conv2d_t *layer, const uint8_t *x, const plane_t *plane) {
  const uint32_t columns = least(layer->in_width, plane->pitch - layer->pad_left);
  const uint32_t whole = (columns == layer->in_width) ? 1U : 0U;
  const uint32_t step = layer->in_channels;
  const uint32_t gap = (plane->pitch - columns) * 2U;
  uint32_t rows = least(layer->in_height, plane->rows - layer->pad_top);
  const uint32_t together = (whole != 0U) ? rows : 1U;
  int16_t *to = plane->data + ((size_t)layer->pad_top * plane->pitch) + layer->pad_left;
  while (rows != 0U) {
    if (layer->in_type == HWC_S8) {
      widen_s8(x, to, step, columns, together, gap);
    } else {
      widen_u8(x, to, step, columns, together, gap);
    }
    x += (size_t)step * layer->in_width;
    to += plane->pitch;
    rows -= together;
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
  if (job->finish >= HWC_FINISH_WIDE_S8) {
    const int64_t offset = requant->offset[channel * requant->offset_step] +
                           (requant->zero * ((int64_t)1 << requant->shift));
    job->held = (uint32_t)requant->mult[channel * requant->mult_step];
    job->addend[0] = (uint32_t)offset;
    job->addend[1] = (uint32_t)((uint64_t)offset >> 32);
  } else {
    job->held = job->stride;
    job->addend[0] = (uint32_t)requant->mult[channel * requant->mult_step];
    job->addend[1] = (uint32_t)requant->zero;
  }
}

static void run(const hwc_conv2d_t *layer, const uint8_t *x, uint8_t *y, void *scratch) {
  const uint32_t stride = layer->stride_width;
  const uint32_t width = ((layer->out_width - 1U) * stride) + 3U;
  const uint32_t pairs = (stride == 1U) ? ((uint32_t)layer->out_width >> 1) : 0U;
  const uint32_t singles = layer->out_width - (2U * pairs);
  hwc_plane3x3_t job;
  plane_t plane;
  uint32_t in_group = 0U;
  uint32_t channel;
  plane.data = (int16_t *)scratch;
  plane.pitch = ((width + 1U) & ~1U) + 2U;
  plane.rows = ((layer->out_height - 1U) * layer->stride_height) + 3U;
  job.plane = (const uint32_t *)scratch;
  job.pitch = plane.pitch * 2U;
  job.end = job.plane + (((size_t)layer->out_height * layer->stride_height * job.pitch) >> 2);
  job.row_advance = (job.pitch * layer->stride_height) - ((pairs + singles) * 4U);
  job.stride = layer->out_channels;
  job.pair_bytes = 2U * pairs * job.stride;
  job.single_bytes = singles * job.stride;
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
