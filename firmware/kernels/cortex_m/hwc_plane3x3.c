#include "hwc_plane3x3.h"

#if HWC_HAVE_DSP

/* The assembly below knows this size, and with it the offsets. */
typedef char hwc_plane3x3_size_check[(sizeof(hwc_plane3x3_t) == 88U) ? 1 : -1];

/*
 * r0 plane, r1 out, r2 pitch, r3-r8 taps, r9 mult, r10 and r11 accumulators, r12 and lr loads.
 * Stack: copies of bias 0, stride 4, shift 8, lo 12, hi 16, offset 24,
 * pairs left 32, rows left 36, job 40.
 */
#define ROW_PAIR(first, second)                                                                    \
  "ldrd r12, lr, [r0]\n smlad r10, r12, " first ", r10\n smlabt r10, lr, " second ", r10\n"        \
  "smlatb r11, r12, " first ", r11\n smlad r11, lr, " second ", r11\n"
#define ROW_SINGLE(first, second)                                                                  \
  "ldrd r12, lr, [r0]\n smlad r10, r12, " first ", r10\n smlabt r10, lr, " second ", r10\n"
#define WINDOW(row)                                                                                \
  row("r3", "r4") "add r0, r0, r2\n" row("r5", "r6") "add r0, r0, r2\n" row(                       \
      "r7", "r8") "sub r0, r0, r2, lsl #1\n add r0, r0, #4\n"

#define HIGH(acc) "smmlar " acc ", " acc ", r9, lr\n"
#define HIGH_LOAD "ldrd r12, lr, [sp, #24]\n"
#define WIDE(acc)                                                                                  \
  "ldrd r12, lr, [sp, #24]\n smlal r12, lr, " acc ", r9\n ldr r12, [sp, #8]\n"                     \
  "asr " acc ", lr, r12\n"
#define NOTHING ""
#define SSAT(acc) "ssat " acc ", #8, " acc "\n"
#define USAT(acc) "usat " acc ", #8, " acc "\n"
#define CLAMP(acc)                                                                                 \
  "ldrd r12, lr, [sp, #12]\n cmp " acc ", r12\n it lt\n movlt " acc ", r12\n cmp " acc             \
  ", lr\n it gt\n movgt " acc ", lr\n"

/* All rows of the plane, with one way to finish. Each output is stored in order, so the plane's
 * outputs are pixel_stride apart from first to last. */
#define ROWS(load, scale, clamp)                                                                   \
  "1: ldr r12, [sp, #40]\n ldr lr, [r12, #44]\n cmp lr, #0\n beq.w 3f\n str lr, [sp, #32]\n"       \
  "2: ldr r10, [sp]\n mov r11, r10\n" WINDOW(ROW_PAIR) load scale("r10") scale("r11") clamp("r10") \
      clamp(                                                                                       \
          "r11") "ldr r12, [sp, #4]\n strb r10, [r1]\n strb r11, [r1, r12]\n"                      \
                 "add r1, r1, r12, lsl #1\n ldr lr, [sp, #32]\n subs lr, lr, #1\n str lr, [sp, "   \
                 "#32]\n"                                                                          \
                 "bne.w 2b\n"                                                                      \
                 "3: ldr r12, [sp, #40]\n ldr lr, [r12, #48]\n cmp lr, #0\n beq.w 5f\n str lr, "   \
                 "[sp, #32]\n"                                                                     \
                 "4: ldr r10, [sp]\n" WINDOW(ROW_SINGLE) load scale("r10") clamp(                  \
                     "r10") "ldr r12, [sp, #4]\n strb r10, [r1]\n add r1, r1, r12\n ldr lr, [sp, " \
                            "#32]\n"                                                               \
                            "subs lr, lr, #1\n str lr, [sp, #32]\n bne.w 4b\n"                     \
                            "5: ldr r12, [sp, #40]\n ldr lr, [r12, #52]\n add r0, r0, lr\n"        \
                            "ldr lr, [sp, #36]\n subs lr, lr, #1\n str lr, [sp, #36]\n bne.w 1b\n" \
                            "add sp, sp, #44\n pop {r4-r11, pc}\n"

#define PROLOGUE                                                                                   \
  ".syntax unified\n push {r4-r11, lr}\n sub sp, sp, #44\n str r0, [sp, #40]\n"                    \
  "ldr r1, [r0, #40]\n str r1, [sp, #36]\n ldrd r1, r2, [r0, #56]\n strd r1, r2, [sp]\n"           \
  "ldrd r1, r2, [r0, #68]\n strd r1, r2, [sp, #8]\n ldr r1, [r0, #76]\n str r1, [sp, #16]\n"       \
  "ldrd r1, r2, [r0, #80]\n strd r1, r2, [sp, #24]\n"                                              \
  "add r12, r0, #4\n ldr r0, [r0]\n ldmia r12, {r1-r9}\n"

#define HWC_DEFINE_PLANE(name, load, scale, clamp)                                                 \
  __attribute__((naked, noinline)) static void name(const hwc_plane3x3_t *job                      \
                                                    __attribute__((unused))) {                     \
    __asm__ volatile(PROLOGUE ROWS(load, scale, clamp));                                           \
  }

HWC_DEFINE_PLANE(high_s8, HIGH_LOAD, HIGH, SSAT)
HWC_DEFINE_PLANE(high_u8, HIGH_LOAD, HIGH, USAT)
HWC_DEFINE_PLANE(high_clamp, HIGH_LOAD, HIGH, CLAMP)
HWC_DEFINE_PLANE(wide_s8, NOTHING, WIDE, SSAT)
HWC_DEFINE_PLANE(wide_u8, NOTHING, WIDE, USAT)
HWC_DEFINE_PLANE(wide_clamp, NOTHING, WIDE, CLAMP)

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
