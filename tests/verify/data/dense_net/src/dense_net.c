#include "dense_net.h"

#include <string.h>

#include "dense_net_weights.h"

#ifndef BREAK_ARENA
#define BREAK_ARENA 0 /* tests: write this many bytes beyond the arena */
#endif
#ifndef FAIL_WITH
#define FAIL_WITH 0
#endif

static int32_t requantize(int32_t acc, int32_t mult, int32_t low, int32_t high)
{
    int32_t y = (int32_t)((((int64_t)acc * mult) + 32768 + ((int64_t)1 << 48)) / 65536 - ((int64_t)1 << 32));

    y = (y < low) ? low : y;
    return (y > high) ? high : y;
}

static void hidden_layer(const int8_t *x, uint8_t *y)
{
    for (int oc = 0; oc < 8; oc++)
    {
        int32_t acc = dense_net_bias0[oc];

        for (int ic = 0; ic < 16; ic++)
        {
            acc += x[ic] * dense_net_weight0[oc][ic];
        }
        y[oc] = (uint8_t)requantize(acc, 400, 0, 255);
    }
}

static void output_layer(const uint8_t *x, int8_t *y)
{
    for (int oc = 0; oc < 4; oc++)
    {
        int32_t acc = dense_net_bias1[oc];

        for (int ic = 0; ic < 8; ic++)
        {
            acc += x[ic] * dense_net_weight1[oc][ic];
        }
        y[oc] = (int8_t)requantize(acc, 150, -128, 127);
    }
}

int dense_net_run(const void *const inputs[], void *const outputs[], void *arena)
{
    uint8_t *hidden = (uint8_t *)arena + 16;

    (void)memcpy(arena, inputs[0], 16);
    hidden_layer(arena, hidden);
    output_layer(hidden, outputs[0]);
    (void)memset(hidden + 8, 0, 8 + BREAK_ARENA);
    return FAIL_WITH;
}

#ifdef HWC_TRACE
int dense_net_run_traced(const void *const inputs[], void *const outputs[], void *arena, dense_net_trace_t trace,
                         void *context)
{
    uint8_t *hidden = (uint8_t *)arena + 16;

    (void)memcpy(arena, inputs[0], 16);
    hidden_layer(arena, hidden);
    trace(context, 3, hidden, 8);
    output_layer(hidden, outputs[0]);
    trace(context, 5, outputs[0], 4);
    return 0;
}
#endif
