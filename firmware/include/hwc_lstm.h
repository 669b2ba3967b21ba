/**
 * An LSTM layer of 8-bit inputs and outputs and a 16-bit cell state; one call runs all time steps.
 * Model: hwcomp/ir/ops/lstm.py, which has the formulas and their source.
 */
#ifndef HWC_LSTM_H
#define HWC_LSTM_H

#include "hwc_types.h"

/**
 * multiplier * 2^(shift - 31), rounded twice: high multiply half up, then divide half away from
 * zero. With multiplier 0: 2^shift, shift <= 0, half away from zero.
 */
typedef struct {
  int32_t multiplier;
  int32_t shift;
} hwc_scale_t;

/**
 * A function of a 16-bit value. Either int16[65536], the value of each argument from -32768 on; or
 * uint16[256] of the logistic function of i / 24 in Q0.16, read between its entries.
 */
typedef struct {
  const int16_t *direct;        /**< or NULL. */
  const uint16_t *interpolated; /**< if direct is NULL. */
} hwc_curve_t;

/**
 * Gates are in the order input, forget, cell, output. Weights: [4 * size][stride], rows of zeros up
 * to a multiple of 4 bytes; zero points are folded into both biases [4 * size].
 */
typedef struct {
  const int8_t *weights;
  const int32_t *bias;
  const int8_t *recurrent_weights;
  const int32_t *recurrent_bias;
  hwc_curve_t logistic;
  hwc_curve_t tanh_gate;
  hwc_curve_t tanh_cell;
  hwc_scale_t x_scales[4];
  hwc_scale_t h_scales[4];
  hwc_scale_t forget_scale;
  hwc_scale_t input_scale;
  hwc_scale_t hidden_scale;
  int32_t hidden_zero;
  int32_t cell_clip;       /**< 0: none. */
  int32_t tanh_multiplier; /**< argument of tanh_cell: */
  uint32_t tanh_shift;     /**< round(c * tanh_multiplier / 2^tanh_shift), if interpolated. */
  uint32_t stride;
  uint32_t recurrent_stride;
  uint32_t batch;
  uint32_t steps;
  uint32_t inputs;
  uint32_t size;
  uint8_t saturate_recurrent; /**< 1: clip the recurrent sum to 16 bits before the addition. */
  uint8_t time_major;         /**< 1: x and y are [steps][batch][..], else [batch][steps][..]. */
  hwc_type_t in_type;
} hwc_lstm_t;

/**
 * Runs all steps.
 * @param x       [batch][steps][inputs].
 * @param hidden  int8[batch][size], before the first step.
 * @param cell    int16[batch][size], before the first step.
 * @param y       int8[batch][steps][size], overlaps nothing else.
 * @param next_hidden, next_cell  the states after the last step; may be `hidden` and `cell`.
 */
void hwc_lstm(const hwc_lstm_t *layer, const void *x, const void *hidden, const void *cell, void *y,
              void *next_hidden, void *next_cell);

#endif
