/** Two dense layers, 16 -> 8 -> 4, written by hand to test hwcomp/verify without the compiler. */
#ifndef DENSE_NET_H
#define DENSE_NET_H

#include <stdint.h>

#define DENSE_NET_ARENA_BYTES 32
#define DENSE_NET_STATE_BYTES 0
#define DENSE_NET_INPUT_COUNT 1
#define DENSE_NET_OUTPUT_COUNT 1
#define DENSE_NET_INPUT0_BYTES 16
#define DENSE_NET_OUTPUT0_BYTES 4

int dense_net_run(const void *const inputs[], void *const outputs[], void *arena);

#ifdef HWC_TRACE
typedef void (*dense_net_trace_t)(void *context, uint32_t value_index, const void *data, uint32_t bytes);
int dense_net_run_traced(const void *const inputs[], void *const outputs[], void *arena, dense_net_trace_t trace,
                         void *context);
#endif

#endif
