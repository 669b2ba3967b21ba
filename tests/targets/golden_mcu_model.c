/*
 * Written by hwcomp 0.1.0 from net.onnx
 * (sha256 0000000000000000000000000000000000000000000000000000000000000000):
 * hwcomp build net.onnx --target mcu
 */
#include "net.h"

#include <stddef.h>
#include <string.h>

#include "hwc_kernels.h"
#include "net_weights.h"

#ifdef HWC_TRACE
#define TRACE_PARAMETERS , net_trace_t trace, void *context
#define TRACE_ARGUMENTS , trace, context
#define NO_TRACE , NULL, NULL
#define TRACE(index, data, bytes)                                                                  \
  do {                                                                                             \
    if (trace != NULL) {                                                                           \
      trace(context, (index), (data), (bytes));                                                    \
    }                                                                                              \
  } while (0)
#else
#define TRACE_PARAMETERS
#define TRACE_ARGUMENTS
#define NO_TRACE
#define TRACE(index, data, bytes) ((void)0)
#endif

/* Dense '/dense_1': s8[1,6] -> s8[1,4] */
static const hwc_dense_t layer_dense_1 = {
    .weights = net_dense_1_weights,
    .bias = net_dense_1_bias,
    .rows = 1,
    .in_features = 6,
    .out_features = 4,
    .in_type = HWC_S8,
    .out_type = HWC_S8,
    .requant.mult = net_dense_1_mult,
    .requant.lo = -128,
    .requant.hi = 127,
    .requant.kind = HWC_REQUANT_HIGH,
    .requant.shift = 32,
    .requant.mult_step = 1,
};

static void run_layers(const void *const inputs[], void *const outputs[],
                       void *arena TRACE_PARAMETERS) {
  uint8_t *const memory = (uint8_t *)arena;

  /* Dense '/dense_1': s8[1,6] -> s8[1,4] */
  hwc_dense(&layer_dense_1, inputs[0], outputs[0], memory + 0);
  TRACE(0, outputs[0], 4);
}

static int run_checked(const void *const inputs[], void *const outputs[],
                       void *arena TRACE_PARAMETERS) {
  int result = 1;
  if ((inputs != NULL) && (outputs != NULL) && (arena != NULL) && (((uintptr_t)arena & 3U) == 0U)) {
    run_layers(inputs, outputs, arena TRACE_ARGUMENTS);
    result = 0;
  }
  return result;
}

int net_run(const void *const inputs[], void *const outputs[], void *arena) {
  return run_checked(inputs, outputs, arena NO_TRACE);
}

#ifdef HWC_TRACE
int net_run_traced(const void *const inputs[], void *const outputs[], void *arena,
                   net_trace_t trace, void *context) {
  return run_checked(inputs, outputs, arena TRACE_ARGUMENTS);
}
#endif
