#include "hwc_block6.h"

#if HWC_HAVE_DSP

/* The assembly below knows this size, and with it the offsets. */
typedef char hwc_block6_size_check[(sizeof(hwc_block6_t) == 72U) ? 1 : -1];

/* 4 inputs of 6 pixels: 18 instructions of 4 bytes for 24 multiply-accumulates. */
#define STEP                                                                                       \
  "ldr r9, [r1], #4\n sxtb16 r8, r9\n sxtb16 r9, r9, ror #8\n"                                     \
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
      "1: ldr lr, [sp]\n ldrd r0, r1, [lr]\n ldr r12, [lr, #8]\n ldr r3, [lr, #68]\n cbz r3, 2f\n"
      "ldmia r12!, {r2-r7}\n str r12, [lr, #8]\n ldr pc, [sp, #8]\n"
      "2: ldr r2, [r12], #4\n str r12, [lr, #8]\n"
      "mov r3, r2\n mov r4, r2\n mov r5, r2\n mov r6, r2\n mov r7, r2\n ldr pc, [sp, #8]\n"
      /* Entered at the step that leaves a multiple of 8. */
      ".balign 4\n"
      "3: .rept 8\n" STEP ".endr\n"
      "ldr r8, [sp, #4]\n cmp r0, r8\n bne.w 3b\n"
      "ldr lr, [sp]\n ldr r8, [lr, #44]\n add r1, r1, r8\n str r1, [lr, #4]\n"
      "ldr r11, [lr, #12]\n ldr r0, [lr, #40]\n ldr r8, [lr, #56]\n"
      "tbh [pc, r8, lsl #1]\n"
      "4: .short (10f - 4b) / 2\n .short (11f - 4b) / 2\n .short (12f - 4b) / 2\n"
      ".short (13f - 4b) / 2\n .short (14f - 4b) / 2\n .short (15f - 4b) / 2\n"
      ".short (16f - 4b) / 2\n .balign 2\n"
      "10: stmia r11!, {r2-r7}\n b 6f\n"
      "11:\n" HIGH_LOAD EACH(
          HIGH
              SSAT) "b 5f\n"
                    "12:\n" HIGH_LOAD EACH(
                        HIGH
                            USAT) "b 5f\n"
                                  "13:\n" HIGH_LOAD EACH(
                                      HIGH) "b 17f\n"
                                            "14:\n" WIDE_LOAD EACH(
                                                WIDE
                                                    SSAT) "b 5f\n"
                                                          "15:\n" WIDE_LOAD EACH(
                                                              WIDE
                                                                  USAT) "b 5f\n"
                                                                        "16:\n" WIDE_LOAD EACH(WIDE) "17: ldr lr, [sp]\n ldrd r12, lr, [lr, #60]\n" EACH(
                                                                            CLAMP) "5: strb r2, "
                                                                                   "[r11]\n strb "
                                                                                   "r3, [r11, "
                                                                                   "r0]\n strb r4, "
                                                                                   "[r11, r0, lsl "
                                                                                   "#1]\n"
                                                                                   "strb r6, [r11, "
                                                                                   "r0, lsl #2]\n "
                                                                                   "add r8, r11, "
                                                                                   "r0\n strb r5, "
                                                                                   "[r8, r0, lsl "
                                                                                   "#1]\n"
                                                                                   "strb r7, [r8, "
                                                                                   "r0, lsl #2]\n "
                                                                                   "add r11, r11, "
                                                                                   "#1\n"
                                                                                   "6: ldr lr, "
                                                                                   "[sp]\n str "
                                                                                   "r11, [lr, "
                                                                                   "#12]\n"
                                                                                   "ldr r8, [lr, "
                                                                                   "#36]\n subs "
                                                                                   "r8, r8, #1\n "
                                                                                   "str r8, [lr, "
                                                                                   "#36]\n bne.w "
                                                                                   "1b\n"
                                                                                   "add sp, #12\n "
                                                                                   "pop {r4-r11, "
                                                                                   "pc}\n");
}

#endif
