#include "hwc_plane3x3.h"

#if HWC_HAVE_DSP

/* The assembly below knows this size, and with it the offsets. */
typedef char hwc_plane3x3_size_check[(sizeof(hwc_plane3x3_t) == 88U) ? 1 : -1];

/*
 * r0 plane, r1 out, r2 pitch, r3-r8 taps, r10 and r11 accumulators, r12 and lr loads;
 * r9: HIGH the pixel stride, WIDE the mult.
 * Stack: bias 0, stride 4, shift 8, lo 12, hi 16, offset 24 (HIGH: mult 24, zero 28), end of the
 * plane 32, row advance 36, bytes of a row's pairs 40 and of its singles 44, end of these 48.
 */
#define ROW_PAIR(first, second)                                                                    \
  "ldrd r12, lr, [r0]\n smlad r10, r12, " first ", r10\n smlabt r10, lr, " second ", r10\n"        \
  "smlatb r11, r12, " first ", r11\n smlad r11, lr, " second ", r11\n"
#define ROW_SINGLE(first, second)                                                                  \
  "ldrd r12, lr, [r0]\n smlad r10, r12, " first ", r10\n smlabt r10, lr, " second ", r10\n"
#define WINDOW(row)                                                                                \
  row("r3", "r4") "add r0, r0, r2\n" row("r5", "r6") "add r0, r0, r2\n" row(                       \
      "r7", "r8") "sub r0, r0, r2, lsl #1\n add r0, r0, #4\n"

#define HIGH_LOAD "ldrd r12, lr, [sp, #24]\n"
#define HIGH(acc) "smmlar " acc ", " acc ", r12, lr\n"
#define HIGH_STRIDE
#define HIGH_STEP "r9"
#define WIDE_LOAD
#define WIDE(acc)                                                                                  \
  "ldrd r12, lr, [sp, #24]\n smlal r12, lr, " acc ", r9\n ldr r12, [sp, #8]\n"                     \
  "asr " acc ", lr, r12\n"
#define WIDE_STRIDE "ldr r12, [sp, #4]\n"
#define WIDE_STEP "r12"
#define SSAT(acc) "ssat " acc ", #8, " acc "\n"
#define USAT(acc) "usat " acc ", #8, " acc "\n"
#define CLAMP(acc)                                                                                 \
  "ldrd r12, lr, [sp, #12]\n cmp " acc ", r12\n it lt\n movlt " acc ", r12\n cmp " acc             \
  ", lr\n it gt\n movgt " acc ", lr\n"

/* All rows of the plane, with one way to finish. The outputs are in order, one stride apart. */
#define ROWS(scale, clamp)                                                                         \
  "1: ldr lr, [sp, #40]\n cmp lr, #0\n beq.w 3f\n add lr, lr, r1\n str lr, [sp, #48]\n"            \
  "2: ldr r10, [sp]\n mov r11, r10\n" WINDOW(ROW_PAIR) scale##_LOAD scale("r10") scale("r11")      \
      clamp("r10") clamp("r11") scale##_STRIDE "strb r10, [r1]\n strb r11, [r1, " scale##_STEP     \
      "]\n add r1, r1, " scale##_STEP                                                              \
      ", lsl #1\n ldr lr, [sp, #48]\n cmp r1, lr\n bne.w 2b\n"                                     \
      "3: ldr lr, [sp, #44]\n cmp lr, #0\n beq.w 5f\n add lr, lr, r1\n str lr, [sp, #48]\n"        \
      "4: ldr r10, [sp]\n" WINDOW(ROW_SINGLE) scale##_LOAD scale("r10") clamp("r10")               \
          scale##_STRIDE "strb r10, [r1]\n add r1, r1, " scale##_STEP                              \
      "\n ldr lr, [sp, #48]\n cmp r1, lr\n"                                                        \
      "bne.w 4b\n"                                                                                 \
      "5: ldrd r12, lr, [sp, #32]\n add r0, r0, lr\n cmp r0, r12\n bne.w 1b\n"                     \
      "add sp, sp, #52\n pop {r4-r11, pc}\n"

#define PROLOGUE                                                                                   \
  ".syntax unified\n push {r4-r11, lr}\n sub sp, sp, #52\n add r12, r0, #40\n ldmia r12!, "        \
  "{r1-r10}\n"                                                                                     \
  "mov r11, sp\n stmia r11!, {r1-r5}\n add r11, r11, #4\n stmia r11!, {r6, r7}\n stmia r11, "      \
  "{r8-r10}\n"                                                                                     \
  "ldr r1, [r12]\n str r1, [sp, #44]\n add r12, r0, #4\n ldr r0, [r0]\n ldmia r12, {r1-r9}\n"

#define HWC_DEFINE_PLANE(name, scale, clamp)                                                       \
  __attribute__((naked, noinline)) static void name(const hwc_plane3x3_t *job                      \
                                                    __attribute__((unused))) {                     \
    __asm__ volatile(PROLOGUE ROWS(scale, clamp));                                                 \
  }

HWC_DEFINE_PLANE(high_s8, HIGH, SSAT)
HWC_DEFINE_PLANE(high_u8, HIGH, USAT)
HWC_DEFINE_PLANE(high_clamp, HIGH, CLAMP)
HWC_DEFINE_PLANE(wide_s8, WIDE, SSAT)
HWC_DEFINE_PLANE(wide_u8, WIDE, USAT)
HWC_DEFINE_PLANE(wide_clamp, WIDE, CLAMP)

void hwc_plane3x3(const hwc_plane3x3_t *job) {
  switch (job->finish) {
  case HWC_FINISH_HIGH_S8:
    high_s8(job);
    break;
  case HWC_FINISH_HIGH_U8:
    high_u8(job);
    break;
  case HWC_FINISH_HIGH_CLAMP:
    high_clamp(job);
    break;
  case HWC_FINISH_WIDE_S8:
    wide_s8(job);
    break;
  case HWC_FINISH_WIDE_U8:
    wide_u8(job);
    break;
  default:
    wide_clamp(job);
    break;
  }
}

#endif
