#include "hwc_block6_asm.h"

#if HWC_HAVE_DSP

/* 4 inputs of 6 pixels: 18 instructions of 4 bytes for 24 multiply-accumulates. */
#define STEP "ldr r9, [r1], #4\n sxtb16 r8, r9\n sxtb16 r9, r9, ror #8\n" HWC_BLOCK6_MACS

/* r2 to r7: accumulators. r0: activations, r1: weights; the stack: job, end of activations, entry.
 */
__attribute__((naked, noinline)) void hwc_block6(hwc_block6_t *job __attribute__((unused))) {
  __asm__ volatile(
      ".syntax unified\n"
      "push {r4-r11, lr}\n sub sp, #12\n str r0, [sp]\n"
      "ldr r2, [r0]\n ldr r1, [r0, #32]\n movs r3, #48\n mla r3, r1, r3, r2\n str r3, [sp, #4]\n"
      "rsb r1, r1, #0\n and r1, r1, #7\n movs r3, #72\n mul r1, r1, r3\n"
      "adr.w r3, 3f\n add r3, r3, r1\n orr r3, r3, #1\n str r3, [sp, #8]\n"
      /* Next channel: start from its bias, or from what an earlier pass left. */
      "1: ldr lr, [sp]\n ldrd r0, r1, [lr]\n ldrd r12, r3, [lr, #8]\n cbz r3, 2f\n"
      "ldmia r12!, {r2-r7}\n str r12, [lr, #8]\n ldr pc, [sp, #8]\n"
      "2: ldr r2, [r12], #4\n str r12, [lr, #8]\n"
      "mov r3, r2\n mov r4, r2\n mov r5, r2\n mov r6, r2\n mov r7, r2\n ldr pc, [sp, #8]\n"
      /* Entered at the step that leaves a multiple of 8. */
      ".balign 4\n"
      "3: .rept 8\n" STEP ".endr\n"
      "ldr r8, [sp, #4]\n cmp r0, r8\n bne.w 3b\n ldr lr, [sp]\n" HWC_BLOCK6_FINISH);
}

#endif
