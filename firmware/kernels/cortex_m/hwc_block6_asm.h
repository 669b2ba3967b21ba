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

/*
 * A channel's end: requant of r2 to r7, stores, and back to label 1 while channels are left.
 * r1: the next weights; the stack: job, end of activations, entry.
 */
#define HWC_BLOCK6_FINISH                                                                          \
  "ldr lr, [sp]\n ldr r8, [lr, #44]\n add r1, r1, r8\n str r1, [lr, #4]\n"                         \
  "ldr r11, [lr, #12]\n ldr r0, [lr, #40]\n ldr r8, [lr, #56]\n"                                   \
  "tbh [pc, r8, lsl #1]\n"                                                                         \
  "4: .short (10f - 4b) / 2\n .short (11f - 4b) / 2\n .short (12f - 4b) / 2\n"                     \
  ".short (13f - 4b) / 2\n .short (14f - 4b) / 2\n .short (15f - 4b) / 2\n"                        \
  ".short (16f - 4b) / 2\n .balign 2\n"                                                            \
  "10: stmia r11!, {r2-r7}\n b 6f\n"                                                               \
  "11:\n" HIGH_LOAD                                                                                \
  EACH(HIGH SSAT) "b 5f\n"                                                                         \
                  "12:\n" HIGH_LOAD EACH(                                                          \
                      HIGH USAT) "b 5f\n"                                                          \
                                 "13:\n" HIGH_LOAD EACH(                                           \
                                     HIGH) "b 17f\n"                                               \
                                           "14:\n" WIDE_LOAD EACH(                                 \
                                               WIDE SSAT) "b 5f\n"                                 \
                                                          "15:\n" WIDE_LOAD EACH(                  \
                                                              WIDE USAT) "b 5f\n"                  \
                                                                         "16:\n" WIDE_LOAD EACH(   \
                                                                             WIDE) "17: ldr lr, "  \
                                                                                   "[sp]\n ldrd "  \
                                                                                   "r12, lr, "     \
                                                                                   "[lr, "         \
                                                                                   "#60]\n" EACH(  \
                                                                                       CLAMP) "5:" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              "b " \
                                                                                              "r2" \
                                                                                              ", " \
                                                                                              "[r" \
                                                                                              "11" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              "b " \
                                                                                              "r3" \
                                                                                              ", " \
                                                                                              "[r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "r0" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              "b " \
                                                                                              "r4" \
                                                                                              ", " \
                                                                                              "[r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "r0" \
                                                                                              ", " \
                                                                                              "ls" \
                                                                                              "l " \
                                                                                              "#1" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              "st" \
                                                                                              "rb" \
                                                                                              " r" \
                                                                                              "6," \
                                                                                              " [" \
                                                                                              "r1" \
                                                                                              "1," \
                                                                                              " r" \
                                                                                              "0," \
                                                                                              " l" \
                                                                                              "sl" \
                                                                                              " #" \
                                                                                              "2]" \
                                                                                              "\n" \
                                                                                              " a" \
                                                                                              "dd" \
                                                                                              " r" \
                                                                                              "8," \
                                                                                              " r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "r0" \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              "b " \
                                                                                              "r5" \
                                                                                              ", " \
                                                                                              "[r" \
                                                                                              "8," \
                                                                                              " r" \
                                                                                              "0," \
                                                                                              " l" \
                                                                                              "sl" \
                                                                                              " #" \
                                                                                              "1]" \
                                                                                              "\n" \
                                                                                              "st" \
                                                                                              "rb" \
                                                                                              " r" \
                                                                                              "7," \
                                                                                              " [" \
                                                                                              "r8" \
                                                                                              ", " \
                                                                                              "r0" \
                                                                                              ", " \
                                                                                              "ls" \
                                                                                              "l " \
                                                                                              "#2" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              " a" \
                                                                                              "dd" \
                                                                                              " r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "r1" \
                                                                                              "1," \
                                                                                              " #" \
                                                                                              "1"  \
                                                                                              "\n" \
                                                                                              "6:" \
                                                                                              " l" \
                                                                                              "dr" \
                                                                                              " l" \
                                                                                              "r," \
                                                                                              " [" \
                                                                                              "sp" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              " r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "[l" \
                                                                                              "r," \
                                                                                              " #" \
                                                                                              "12" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              "ld" \
                                                                                              "r " \
                                                                                              "r8" \
                                                                                              ", " \
                                                                                              "[l" \
                                                                                              "r," \
                                                                                              " #" \
                                                                                              "36" \
                                                                                              "]"  \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "ub" \
                                                                                              "s " \
                                                                                              "r8" \
                                                                                              ", " \
                                                                                              "r8" \
                                                                                              ", " \
                                                                                              "#1" \
                                                                                              "\n" \
                                                                                              " s" \
                                                                                              "tr" \
                                                                                              " r" \
                                                                                              "8," \
                                                                                              " [" \
                                                                                              "lr" \
                                                                                              ", " \
                                                                                              "#3" \
                                                                                              "6]" \
                                                                                              "\n" \
                                                                                              " b" \
                                                                                              "ne" \
                                                                                              ".w" \
                                                                                              " 1" \
                                                                                              "b"  \
                                                                                              "\n" \
                                                                                              "ad" \
                                                                                              "d " \
                                                                                              "sp" \
                                                                                              ", " \
                                                                                              "#1" \
                                                                                              "2"  \
                                                                                              "\n" \
                                                                                              " p" \
                                                                                              "op" \
                                                                                              " {" \
                                                                                              "r4" \
                                                                                              "-r" \
                                                                                              "11" \
                                                                                              ", " \
                                                                                              "pc" \
                                                                                              "}"  \
                                                                                              "\n"

#endif
#endif
