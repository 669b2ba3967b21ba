#include "counter.h"

#include <string.h>

void counter_reset(counter_state_t *state)
{
    (void)memset(state, 0, sizeof *state);
}

int counter_run(counter_state_t *state, const void *const inputs[], void *const outputs[], void *arena)
{
    int16_t values[3];
    const int8_t gain = *(const int8_t *)inputs[1];

    (void)arena;
    (void)memcpy(values, inputs[0], sizeof values);
    for (int i = 0; i < 3; i++)
    {
        if ((values[i] & 1) != 0)
        {
            state->sums[i] += values[i] * gain;
        }
    }
    state->steps++;
    (void)memcpy(outputs[0], state->sums, sizeof state->sums);
    *(uint8_t *)outputs[1] = state->steps;
    return 0;
}

#ifdef HWC_TRACE
int counter_run_traced(counter_state_t *state, const void *const inputs[], void *const outputs[], void *arena,
                       counter_trace_t trace, void *context)
{
    const int result = counter_run(state, inputs, outputs, arena);

    trace(context, 0, outputs[0], 12);
    return result;
}
#endif
