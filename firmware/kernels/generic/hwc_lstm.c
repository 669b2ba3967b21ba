#include "hwc_lstm.h"

#include <string.h>

enum { INPUT_GATE = 0, FORGET_GATE = 1, CELL_GATE = 2, OUTPUT_GATE = 3, GATES = 4 };

static int32_t clip16(int64_t value) { return (int32_t)hwc_clamp(value, INT16_MIN, INT16_MAX); }

/* value / 2^shift, half away from zero. */
static int64_t rounding_divide(int64_t value, uint32_t shift) {
  const int64_t half = (shift == 0U) ? 0 : ((int64_t)1 << (shift - 1U));
  const int64_t down = ((value < 0) && (shift != 0U)) ? 1 : 0;
  return hwc_floor_shift(value + half - down, shift);
}

static int64_t rescale(int64_t value, const hwc_scale_t *scale) {
  int64_t result;
  if (scale->multiplier == 0) {
    result = rounding_divide(value, (uint32_t)-scale->shift);
  } else {
    const int64_t left = (scale->shift > 0) ? ((int64_t)1 << scale->shift) : 1;
    const uint32_t right = (scale->shift < 0) ? (uint32_t)-scale->shift : 0U;
    const int64_t product = (value * left) * scale->multiplier;
    result = rounding_divide(hwc_floor_shift(product + ((int64_t)1 << 30), 31U), right);
  }
  return result;
}

/* Between two entries of the logistic table: its value in Q0.16, times 2^bits. */
static int32_t interpolate(const uint16_t *table, int64_t magnitude, uint32_t bits) {
  const int64_t place = magnitude >> bits;
  const uint32_t at = (place > 254) ? 254U : (uint32_t)place;
  const int32_t fraction = (int32_t)((uint64_t)magnitude & (((uint64_t)1 << bits) - 1U));
  const int32_t low = table[at];
  return (low * ((int32_t)1 << bits)) + (fraction * (table[at + 1U] - low));
}

static int32_t logistic(const hwc_curve_t *curve, int32_t x) {
  int32_t result;
  if (curve->direct != NULL) {
    result = curve->direct[x + 32768];
  } else {
    const int64_t argument = (int64_t)x * 3;
    const int64_t magnitude = (argument < 0) ? -argument : argument;
    int32_t value = interpolate(curve->interpolated, magnitude, 9U);
    value = ((magnitude >> 9) >= 255) ? (0x7FFF * 1024) : value;
    value = (argument >= 0) ? (value + 512) : ((1 << 25) - value + 511);
    result = (int32_t)hwc_floor_shift(value, 10U);
  }
  return result;
}

/* tanh(argument) with argument in the scale of the table, three times that of x. */
static int32_t tanh_of(const hwc_curve_t *curve, int32_t x, int64_t argument) {
  int32_t result;
  if (curve->direct != NULL) {
    result = curve->direct[x + 32768];
  } else {
    const int64_t magnitude = (argument < 0) ? -argument : argument;
    int32_t value = interpolate(curve->interpolated, magnitude, 8U);
    value = ((magnitude >> 8) >= 255) ? (0xFFFF * 256) : value;
    value -= 1 << 23;
    value = (argument >= 0) ? (value + 128) : (127 - value);
    result = (int32_t)hwc_floor_shift(value, 8U);
  }
  return result;
}

/* One gate of one unit before its function: both sums, rescaled, in 16 bits. */
static int32_t gate_sum(const hwc_lstm_t *layer, uint32_t gate, uint32_t unit, const void *x,
                        size_t first, const int8_t *hidden) {
  const size_t row = ((size_t)gate * layer->size) + unit;
  const int8_t *w = layer->weights + (row * layer->stride);
  const int8_t *r = layer->recurrent_weights + (row * layer->recurrent_stride);
  int32_t of_x = layer->bias[row];
  int32_t of_h = layer->recurrent_bias[row];
  int64_t recurrent;
  uint32_t i;
  for (i = 0U; i < layer->inputs; i++) {
    of_x += hwc_load(x, layer->in_type, first + i) * w[i];
  }
  for (i = 0U; i < layer->size; i++) {
    of_h += hidden[i] * r[i];
  }
  recurrent = rescale(of_h, &layer->h_scales[gate]);
  if (layer->saturate_recurrent != 0U) {
    recurrent = clip16(recurrent);
  }
  return clip16(clip16(rescale(of_x, &layer->x_scales[gate])) + recurrent);
}

/* One unit of one step: changes its cell, gives its new hidden value. */
static int8_t run_unit(const hwc_lstm_t *layer, const int32_t sums[GATES], int16_t *cell) {
  const int32_t input = logistic(&layer->logistic, sums[INPUT_GATE]);
  const int32_t forget = logistic(&layer->logistic, sums[FORGET_GATE]);
  const int32_t output = logistic(&layer->logistic, sums[OUTPUT_GATE]);
  const int32_t candidate =
      tanh_of(&layer->tanh_gate, sums[CELL_GATE], (int64_t)sums[CELL_GATE] * 3);
  const int64_t half = ((int64_t)1 << layer->tanh_shift) >> 1;
  int32_t kept = clip16(rescale((int64_t)forget * *cell, &layer->forget_scale));
  int32_t squashed;
  kept = clip16(kept + (int64_t)clip16(rescale((int64_t)input * candidate, &layer->input_scale)));
  if (layer->cell_clip != 0) {
    kept = (int32_t)hwc_clamp(kept, -(int64_t)layer->cell_clip, layer->cell_clip);
  }
  *cell = (int16_t)kept;
  squashed =
      tanh_of(&layer->tanh_cell, kept,
              hwc_floor_shift(((int64_t)kept * layer->tanh_multiplier) + half, layer->tanh_shift));
  return (int8_t)hwc_clamp(rescale((int64_t)squashed * output, &layer->hidden_scale) +
                               layer->hidden_zero,
                           INT8_MIN, INT8_MAX);
}

/* Element row of x and y for a step of one sequence. */
static size_t row_of(const hwc_lstm_t *layer, uint32_t sequence, uint32_t step) {
  return (layer->time_major != 0U) ? (((size_t)step * layer->batch) + sequence)
                                   : (((size_t)sequence * layer->steps) + step);
}

void hwc_lstm(const hwc_lstm_t *layer, const void *x, const void *hidden, const void *cell, void *y,
              void *next_hidden, void *next_cell) {
  const size_t size = layer->size;
  int16_t *cells = (int16_t *)next_cell;
  uint32_t sequence;
  uint32_t step;
  uint32_t unit;
  uint32_t gate;
  (void)memmove(next_cell, cell, layer->batch * size * sizeof(int16_t));
  for (sequence = 0U; sequence < layer->batch; sequence++) {
    const int8_t *last = (const int8_t *)hidden + (sequence * size);
    for (step = 0U; step < layer->steps; step++) {
      const size_t row = row_of(layer, sequence, step);
      int8_t *out = (int8_t *)y + (row * size);
      for (unit = 0U; unit < layer->size; unit++) {
        int32_t sums[GATES];
        for (gate = 0U; gate < (uint32_t)GATES; gate++) {
          sums[gate] = gate_sum(layer, gate, unit, x, row * layer->inputs, last);
        }
        out[unit] = run_unit(layer, sums, &cells[(sequence * size) + unit]);
      }
      last = out;
    }
    (void)memmove((int8_t *)next_hidden + (sequence * size), last, size);
  }
}
