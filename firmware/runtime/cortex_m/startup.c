/**
 * Reset of an emulated Cortex-M4F: FPU on, .data copied, .bss cleared, then the harness. A fault
 * ends the program. Sources: Armv7-M Architecture Reference Manual B1.5 (reset, vector table) and
 * B3.2.20 (CPACR).
 */
#include "harness.h"
#include "semihosting.h"

#define CPACR (*(volatile uint32_t *)0xE000ED88u)
#define CPACR_FPU_FULL_ACCESS (0xFu << 20)

enum { EXIT_FAULT = 99, VECTOR_COUNT = 16 };

extern uint32_t hwc_harness_stack_top[];
extern uint32_t hwc_data_load[], hwc_data_start[], hwc_data_end[], hwc_bss_start[], hwc_bss_end[];

void hwc_reset(void);
void hwc_start(void);

static void fault(void) { hwc_semihosting_exit(EXIT_FAULT); }

typedef union {
  void *stack;
  void (*handler)(void);
} vector_t;

__attribute__((section(".vectors"), used)) const vector_t hwc_vectors[VECTOR_COUNT] = {
    {.stack = hwc_harness_stack_top},
    {.handler = hwc_reset},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
};

/* The stack pointer is set again for loaders that start at the entry point without reading the
 * vectors. */
__attribute__((naked, used)) void hwc_reset(void) {
  __asm__ volatile("ldr r0, =hwc_harness_stack_top\n"
                   "mov sp, r0\n"
                   "b hwc_start\n");
}

__attribute__((used)) void hwc_start(void) {
  const uint32_t *from = hwc_data_load;
  uint32_t *to;

  CPACR |= CPACR_FPU_FULL_ACCESS;
  __asm__ volatile("dsb\n"
                   "isb\n");
  for (to = hwc_data_start; to < hwc_data_end; to++) {
    *to = *from;
    from++;
  }
  for (to = hwc_bss_start; to < hwc_bss_end; to++) {
    *to = 0u;
  }
  hwc_semihosting_exit(hwc_harness_run());
}
