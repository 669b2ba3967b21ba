/**
 * What the harness needs from the machine it runs on: files, memory, one measured call. A port
 * gives these functions: host_port.c (a hosted C library) or cortex_m/semihosting_port.c (an
 * emulated Cortex-M, no library).
 */
#ifndef HWC_HARNESS_H
#define HWC_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#define HWC_INPUT_FILE "inputs.bin"
#define HWC_OUTPUT_FILE "outputs.bin"
#define HWC_TRACE_FILE "traces.bin"
#define HWC_REPORT_FILE "report.bin"

/** The function to measure. Its true type has three or four pointers; only assembly calls it, so
 * the type does not matter. */
typedef void (*hwc_entry_t)(void);

/** Values of hwc_report_t.status. */
enum {
  HWC_STATUS_GOOD = 0,
  HWC_STATUS_MODEL_FAILED = 1, /* the model returned something else than 0; `detail` holds it */
  HWC_STATUS_GUARD_BROKEN =
      2, /* the model wrote outside a buffer; `detail` is the buffer's number */
  HWC_STATUS_INPUT_CHANGED = 3, /* the model wrote to an input; `detail` is the input's number */
  HWC_STATUS_SHORT_INPUT = 4    /* the input file ends within a row */
};

/** Written to HWC_REPORT_FILE at the end, as five little-endian words; a missing file says that the
 * program died. */
typedef struct {
  uint32_t status;
  uint32_t detail;
  uint32_t rows;        /* rows that were run to the end */
  uint32_t stack_bytes; /* the deepest stack of the measured calls; 0 where it is not measured */
  uint32_t magic;       /* HWC_REPORT_MAGIC */
} hwc_report_t;

#define HWC_REPORT_MAGIC 0x52435748u /* "HWCR" */

/** Open a file of the working folder; a handle below 0 says that it failed. */
int32_t hwc_open_read(const char *name);
int32_t hwc_open_write(const char *name);
/** Read up to `bytes`; returns how many were read. */
size_t hwc_read(int32_t handle, void *data, size_t bytes);
void hwc_write(int32_t handle, const void *data, size_t bytes);
void hwc_close(int32_t handle);
/** 16-byte aligned memory of at least one byte that is never given back; writes beyond `bytes` are
 * found by the port. */
void *hwc_allocate(size_t bytes);
/** 0 when every buffer's surroundings are untouched, else the number (from 1, in order of
 * allocation) of the first that is not. */
uint32_t hwc_broken_guard(void);
/** Ports with HWC_MEASURED: call `entry` on a stack of its own with `arguments` in r0 to r3;
 * exactly this call is counted. */
int hwc_measured_call(hwc_entry_t entry, const uintptr_t arguments[4]);
/** The deepest stack of all measured calls, in bytes; 0 where it is not measured. */
uint32_t hwc_stack_bytes(void);

/** Run every row of HWC_INPUT_FILE; returns the status that is also in the report. */
int hwc_harness_run(void);

#endif
