/**
 * Runs a bundle's model on every row of a file. Compiled with, for a model `net` with two inputs:
 *   -DHWC_MODEL_HEADER="net.h" -DHWC_MODEL=net -DHWC_MODEL_UPPER=NET -DHWC_STATEFUL=0
 *   -DHWC_INPUT_BYTES=490,20 -DHWC_OUTPUT_BYTES=12 [-DHWC_TRACE]
 *
 * HWC_INPUT_FILE holds rows: all inputs in their order, each of its bytes, without padding.
 * HWC_OUTPUT_FILE gets the outputs likewise. HWC_TRACE_FILE gets records of two words (value index,
 * bytes) and the data; a record with the index 0xffffffff and no data opens each row. The state
 * lives as long as the program.
 *
 * Arena and outputs are filled with a pattern that changes with each row, so that code which reads
 * what it did not write gives outputs that differ. Model: hwcomp/verify/protocol.py.
 */
#include "harness.h"

#include <string.h>

#include HWC_MODEL_HEADER

#define HWC_JOIN_(a, b) a##b
#define HWC_JOIN(a, b) HWC_JOIN_(a, b)
#define HWC_FUNCTION(suffix) HWC_JOIN(HWC_MODEL, suffix)
#define HWC_CONSTANT(suffix) HWC_JOIN(HWC_MODEL_UPPER, suffix)

static const size_t input_bytes[] = {HWC_INPUT_BYTES};
static const size_t output_bytes[] = {HWC_OUTPUT_BYTES};

enum {
  INPUT_COUNT = sizeof input_bytes / sizeof input_bytes[0],
  OUTPUT_COUNT = sizeof output_bytes / sizeof output_bytes[0],
  ROW_MARK = -1
};

/* The header and the manifest must agree: an array of -1 elements does not compile. */
typedef char hwc_input_count_agrees[(INPUT_COUNT == HWC_CONSTANT(_INPUT_COUNT)) ? 1 : -1];
typedef char hwc_output_count_agrees[(OUTPUT_COUNT == HWC_CONSTANT(_OUTPUT_COUNT)) ? 1 : -1];
typedef char hwc_arena_agrees[(HWC_ARENA_BYTES == HWC_CONSTANT(_ARENA_BYTES)) ? 1 : -1];
typedef char hwc_state_agrees[((HWC_STATEFUL != 0) == (HWC_CONSTANT(_STATE_BYTES) != 0)) ? 1 : -1];

typedef struct {
  void *inputs[INPUT_COUNT];
  void *kept[INPUT_COUNT]; /* copies of the inputs, to see whether the model wrote to them */
  void *outputs[OUTPUT_COUNT];
  void *arena;
  void *state;
} buffers_t;

static void allocate(buffers_t *buffers) {
  size_t i;

  for (i = 0; i < (size_t)INPUT_COUNT; i++) {
    buffers->inputs[i] = hwc_allocate(input_bytes[i]);
    buffers->kept[i] = hwc_allocate(input_bytes[i]);
  }
  for (i = 0; i < (size_t)OUTPUT_COUNT; i++) {
    buffers->outputs[i] = hwc_allocate(output_bytes[i]);
  }
  buffers->arena = hwc_allocate((size_t)HWC_ARENA_BYTES);
  buffers->state = NULL;
#if HWC_STATEFUL
  buffers->state = hwc_allocate(sizeof(HWC_FUNCTION(_state_t)));
  (void)memset(buffers->state, 0xA5, sizeof(HWC_FUNCTION(_state_t)));
  HWC_FUNCTION(_reset)((HWC_FUNCTION(_state_t) *)buffers->state);
#endif
}

/* Bytes read of the next row: 0 at the end of the file. */
static size_t read_row(int32_t file, const buffers_t *buffers) {
  size_t total = 0;
  size_t i;

  for (i = 0; i < (size_t)INPUT_COUNT; i++) {
    total += hwc_read(file, buffers->inputs[i], input_bytes[i]);
    (void)memcpy(buffers->kept[i], buffers->inputs[i], input_bytes[i]);
  }
  return total;
}

static void soil(const buffers_t *buffers, uint32_t row) {
  const int pattern = (int)((0xA5u + (29u * row)) & 0xFFu);
  size_t i;

  (void)memset(buffers->arena, pattern, (size_t)HWC_ARENA_BYTES);
  for (i = 0; i < (size_t)OUTPUT_COUNT; i++) {
    (void)memset(buffers->outputs[i], pattern, output_bytes[i]);
  }
}

#ifdef HWC_TRACE
static void write_record(int32_t file, uint32_t value_index, const void *data, uint32_t bytes) {
  const uint32_t head[2] = {value_index, bytes};

  hwc_write(file, head, sizeof head);
  hwc_write(file, data, bytes);
}

static void record_value(void *context, uint32_t value_index, const void *data, uint32_t bytes) {
  write_record(*(const int32_t *)context, value_index, data, bytes);
}

static int call_model(const buffers_t *buffers, int32_t trace) {
  const void *const *inputs = (const void *const *)buffers->inputs;
  int result;

  write_record(trace, (uint32_t)ROW_MARK, NULL, 0u);
#if HWC_STATEFUL
  result = HWC_FUNCTION(_run_traced)((HWC_FUNCTION(_state_t) *)buffers->state, inputs,
                                     buffers->outputs, buffers->arena, record_value, &trace);
#else
  result =
      HWC_FUNCTION(_run_traced)(inputs, buffers->outputs, buffers->arena, record_value, &trace);
#endif
  return result;
}
#else
static int call_model(const buffers_t *buffers, int32_t trace) {
  const void *const *inputs = (const void *const *)buffers->inputs;
  int result;

  (void)trace;
#if defined(HWC_MEASURED) && HWC_STATEFUL
  const uintptr_t arguments[4] = {(uintptr_t)buffers->state, (uintptr_t)inputs,
                                  (uintptr_t)buffers->outputs, (uintptr_t)buffers->arena};
  result = hwc_measured_call((hwc_entry_t)HWC_FUNCTION(_run), arguments);
#elif defined(HWC_MEASURED)
  const uintptr_t arguments[4] = {(uintptr_t)inputs, (uintptr_t)buffers->outputs,
                                  (uintptr_t)buffers->arena, 0u};
  result = hwc_measured_call((hwc_entry_t)HWC_FUNCTION(_run), arguments);
#elif HWC_STATEFUL
  result = HWC_FUNCTION(_run)((HWC_FUNCTION(_state_t) *)buffers->state, inputs, buffers->outputs,
                              buffers->arena);
#else
  result = HWC_FUNCTION(_run)(inputs, buffers->outputs, buffers->arena);
#endif
  return result;
}
#endif

static void set_status(hwc_report_t *report, uint32_t status, uint32_t detail) {
  report->status = status;
  report->detail = detail;
}

/* One row whose inputs are read: its outputs are written, or the report says why not. */
static void run_row(const buffers_t *buffers, int32_t output, int32_t trace, hwc_report_t *report) {
  int result;
  uint32_t guard;
  size_t i;

  soil(buffers, report->rows);
  result = call_model(buffers, trace);
  guard = hwc_broken_guard();
  if (result != 0) {
    set_status(report, HWC_STATUS_MODEL_FAILED, (uint32_t)result);
  }
  if (guard != 0u) {
    set_status(report, HWC_STATUS_GUARD_BROKEN, guard);
  }
  for (i = 0; i < (size_t)INPUT_COUNT; i++) {
    if (memcmp(buffers->inputs[i], buffers->kept[i], input_bytes[i]) != 0) {
      set_status(report, HWC_STATUS_INPUT_CHANGED, (uint32_t)i);
    }
  }
  if (report->status == (uint32_t)HWC_STATUS_GOOD) {
    for (i = 0; i < (size_t)OUTPUT_COUNT; i++) {
      hwc_write(output, buffers->outputs[i], output_bytes[i]);
    }
    report->rows++;
  }
}

int hwc_harness_run(void) {
  hwc_report_t report = {HWC_STATUS_GOOD, 0u, 0u, 0u, HWC_REPORT_MAGIC};
  buffers_t buffers;
  size_t row_bytes = 0;
  size_t got;
  size_t i;
  const int32_t input = hwc_open_read(HWC_INPUT_FILE);
  const int32_t output = hwc_open_write(HWC_OUTPUT_FILE);
  const int32_t trace = hwc_open_write(HWC_TRACE_FILE);
  int32_t file;

  for (i = 0; i < (size_t)INPUT_COUNT; i++) {
    row_bytes += input_bytes[i];
  }
  allocate(&buffers);
  got = read_row(input, &buffers);
  while ((got == row_bytes) && (report.status == (uint32_t)HWC_STATUS_GOOD)) {
    run_row(&buffers, output, trace, &report);
    got = read_row(input, &buffers);
  }
  if ((got != 0u) && (report.status == (uint32_t)HWC_STATUS_GOOD)) {
    set_status(&report, HWC_STATUS_SHORT_INPUT, (uint32_t)got);
  }
  report.stack_bytes = hwc_stack_bytes();
  file = hwc_open_write(HWC_REPORT_FILE);
  hwc_write(file, &report, sizeof report);
  hwc_close(file);
  hwc_close(trace);
  hwc_close(output);
  hwc_close(input);
  return (int)report.status;
}
