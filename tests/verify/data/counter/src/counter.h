/** Sums what it is given, and counts; two inputs, two outputs, a state. Written by hand to test hwcomp/verify. */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdint.h>

#define COUNTER_ARENA_BYTES 0
#define COUNTER_STATE_BYTES 16
#define COUNTER_INPUT_COUNT 2
#define COUNTER_OUTPUT_COUNT 2
#define COUNTER_INPUT0_BYTES 6
#define COUNTER_INPUT1_BYTES 1
#define COUNTER_OUTPUT0_BYTES 12
#define COUNTER_OUTPUT1_BYTES 1

typedef struct
{
    int32_t sums[3];
    uint8_t steps;
} counter_state_t;

void counter_reset(counter_state_t *state);
int counter_run(counter_state_t *state, const void *const inputs[], void *const outputs[], void *arena);

#ifdef HWC_TRACE
typedef void (*counter_trace_t)(void *context, uint32_t value_index, const void *data, uint32_t bytes);
int counter_run_traced(counter_state_t *state, const void *const inputs[], void *const outputs[], void *arena,
                       counter_trace_t trace, void *context);
#endif

#endif
