/**
 * Assembly that hwc_block6 and its forms for packed weights share. Offsets are those of
 * hwc_block6_t. Private to kernels/cortex_m.
 */
#ifndef HWC_BLOCK6_ASM_H
#define HWC_BLOCK6_ASM_H

#include "hwc_block6.h"

#if HWC_HAVE_DSP

/* The assembly knows this size, and with it the offsets. */
typedef char hwc_block6_size_check[(sizeof(hwc_block6_t) == 76U) ? 1 : -1];

/* Activations of 4 inputs of 6 pixels; r8: weights of inputs 0 and 2, r9: of 1 and 3. */
#define HWC_BLOCK6_MACS                                                                            \
  "ldmia r0!, {r10, r11, r12, lr}\n"                                                               \
  "smlad r2, r8, r10, r2\n smlad r2, r9, r11, r2\n"                                                \
  "smlad r3, r8, r12, r3\n smlad r3, r9, lr, r3\n"                                                 \
  "ldmia r0!, {r10, r11, r12, lr}\n"                                                               \
  "smlad r4, r8, r10, r4\n smlad r4, r9, r11, r4\n"                                                \
  "smlad r5, r8, r12, r5\n smlad r5, r9, lr, r5\n"                                                 \
  "ldmia r0!, {r10, r11, r12, lr}\n"                                                               \
  "smlad r6, r8, r10, r6\n smlad r6, r9, r11, r6\n"                                                \
  "smlad r7, r8, r12, r7\n smlad r7, r9, lr, r7\n"

/* r8 = mult, r10 = zero; then one pixel. */
#define HIGH_LOAD                                                                                  \
  "ldrd r8, r9, [lr, #16]\n ldr r10, [lr, #48]\n add r9, r9, r8\n str r9, [lr, #16]\n"             \
  "ldr r8, [r8]\n"
#define HIGH "smmlar \\acc, \\acc, r8, r10\n"

/* r8 = mult, r9 and r10 = offset with the zero point added, r1 = shift; then one pixel. */
#define WIDE_LOAD                                                                                  \
  "ldrd r8, r9, [lr, #16]\n add r9, r9, r8\n str r9, [lr, #16]\n ldr r8, [r8]\n"                   \
  "ldrd r12, r9, [lr, #24]\n add r9, r9, r12\n str r9, [lr, #24]\n ldrd r9, r10, [r12]\n"          \
  "ldrd r12, r1, [lr, #48]\n add r10, r10, r12\n"
#define WIDE "mov r12, r9\n mov lr, r10\n smlal r12, lr, \\acc, r8\n asr \\acc, lr, r1\n"

#define SSAT "ssat \\acc, #8, \\acc\n"
#define USAT "usat \\acc, #8, \\acc\n"
#define CLAMP                                                                                      \
  "cmp \\acc, r12\n it lt\n movlt \\acc, r12\n cmp \\acc, lr\n it gt\n movgt \\acc, lr\n"
#define EACH(what) ".irp acc, r2, r3, r4, r5, r6, r7\n" what ".endr\n"

/* One requant of all six, by the numbers of HWC_FINISH_*. */
#define TO_HIGH_S8 HIGH_LOAD EACH(HIGH SSAT)
#define TO_HIGH_U8 HIGH_LOAD EACH(HIGH USAT)
#define TO_HIGH HIGH_LOAD EACH(HIGH)
#define TO_WIDE_S8 WIDE_LOAD EACH(WIDE SSAT)
#define TO_WIDE_U8 WIDE_LOAD EACH(WIDE USAT)
#define TO_WIDE WIDE_LOAD EACH(WIDE)
#define TO_CLAMP "ldr lr, [sp]\n ldrd r12, lr, [lr, #64]\n" EACH(CLAMP)
#define STORES                                                                                     \
  "strb r2, [r11]\n strb r3, [r11, r0]\n strb r4, [r11, r0, lsl #1]\n"                             \
  "strb r6, [r11, r0, lsl #2]\n add r8, r11, r0\n strb r5, [r8, r0, lsl #1]\n"                     \
  "strb r7, [r8, r0, lsl #2]\n add r11, r11, #1\n"

/*
 * A channel's end: requant of r2 to r7, stores, and back to label 1 while channels are left.
 * r1: the next weights, lr: the job; the stack: job, end of activations, entry.
 */
#define HWC_BLOCK6_FINISH                                                                          \
  "ldrd r8, r9, [lr, #56]\n add r1, r1, r8\n str r1, [lr, #4]\n ldrd r11, r0, [lr, #40]\n"         \
  "tbh [pc, r9, lsl #1]\n"                                                                         \
  "4: .short (10f - 4b) / 2\n .short (11f - 4b) / 2\n .short (12f - 4b) / 2\n"                     \
  ".short (13f - 4b) / 2\n .short (14f - 4b) / 2\n .short (15f - 4b) / 2\n"                        \
  ".short (16f - 4b) / 2\n .balign 2\n"                                                            \
  "10: stmia r11!, {r2-r7}\n b 6f\n"                                                               \
  "11:\n" TO_HIGH_S8 "b 5f\n"                                                                      \
  "12:\n" TO_HIGH_U8 "b 5f\n"                                                                      \
  "13:\n" TO_HIGH "b 17f\n"                                                                        \
  "14:\n" TO_WIDE_S8 "b 5f\n"                                                                      \
  "15:\n" TO_WIDE_U8 "b 5f\n"                                                                      \
  "16:\n" TO_WIDE "17:\n" TO_CLAMP "5:\n" STORES "6: ldr lr, [sp]\n str r11, [lr, #40]\n"          \
  "ldr r8, [lr, #36]\n subs r8, r8, #1\n str r8, [lr, #36]\n bne.w 1b\n"                           \
  "add sp, #12\n pop {r4-r11, pc}\n"

#endif
#endif
