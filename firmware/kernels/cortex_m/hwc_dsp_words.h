/**
 * Words of four 8-bit activations as pairs of 16-bit halves, the operands of SMLAD.
 * Private to kernels/cortex_m.
 */
#ifndef HWC_DSP_WORDS_H
#define HWC_DSP_WORDS_H

#include <string.h>

#include "hwc_dsp.h"

/** Four bytes from any address: LDR reads unaligned words, but some builds of Clang (zig's) assume
 * not. */
static inline uint32_t hwc_read_word(const void *from) {
  uint32_t word;
#if defined(__clang__)
  typedef struct {
    uint8_t bytes[4];
  } any_word_t;
  __asm__("ldr %0, %1" : "=r"(word) : "m"(*(const any_word_t *)from));
#else
  (void)memcpy(&word, from, sizeof word);
#endif
  return word;
}

/** Bytes 0 and 2, sign-extended (or zero-extended: U8) to 16 bits each. */
static inline uint32_t hwc_even_bytes(uint32_t word, hwc_type_t type) {
  uint32_t pair;
  if (type == HWC_S8) {
    __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
  } else {
    __asm__("uxtb16 %0, %1" : "=r"(pair) : "r"(word));
  }
  return pair;
}

/** Bytes 1 and 3, extended likewise. */
static inline uint32_t hwc_odd_bytes(uint32_t word, hwc_type_t type) {
  uint32_t pair;
  if (type == HWC_S8) {
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
  } else {
    __asm__("uxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
  }
  return pair;
}

/** The halves of a pair times 2^shift; every half fits. */
static inline uint32_t hwc_scale_pair(uint32_t pair, uint32_t shift) {
  return (pair << shift) & ~(((1U << shift) - 1U) << 16);
}

/** sum + both halves of a pair. */
static inline uint32_t hwc_add_halves(uint32_t pair, uint32_t sum) {
  uint32_t out;
  __asm__("smlad %0, %1, %2, %3" : "=r"(out) : "r"(pair), "r"(0x00010001U), "r"(sum));
  return out;
}

/**
 * How assembly bodies finish an accumulator. Numbers are indices of their branch tables.
 * HIGH: SMMLAR with 2^32 as the scale. WIDE: SMLAL, then a shift of the high word.
 */
enum {
  HWC_FINISH_ACC = 0, /**< store the accumulators. */
  HWC_FINISH_HIGH_S8 = 1,
  HWC_FINISH_HIGH_U8 = 2,
  HWC_FINISH_HIGH_CLAMP = 3,
  HWC_FINISH_WIDE_S8 = 4,
  HWC_FINISH_WIDE_U8 = 5,
  HWC_FINISH_WIDE_CLAMP = 6
};

/** The finish that does `requant` to an 8-bit output, or HWC_FINISH_ACC if none does. */
static inline uint32_t hwc_finish_of(const hwc_requant_t *requant, hwc_type_t out_type) {
  const int narrow =
      (requant->kind == HWC_REQUANT_NARROW) && (requant->shift >= 32U) && (requant->shift <= 40U);
  uint32_t finish = HWC_FINISH_ACC;
  if ((out_type <= HWC_U8) && ((requant->kind == HWC_REQUANT_HIGH) || narrow)) {
    finish = narrow ? HWC_FINISH_WIDE_S8 : HWC_FINISH_HIGH_S8;
    if ((out_type == HWC_U8) && (requant->lo == 0) && (requant->hi == 255)) {
      finish += 1U;
    } else if ((out_type != HWC_S8) || (requant->lo != -128) || (requant->hi != 127)) {
      finish += 2U;
    } else {
      /* the whole of S8 */
    }
  }
  return finish;
}

/** Requant of one accumulator to 8 bits by `finish`, which is not HWC_FINISH_ACC. */
static inline int32_t hwc_finish_one(const hwc_requant_t *requant, uint32_t finish, size_t channel,
                                     int32_t acc) {
  const int32_t mult = requant->mult[channel * requant->mult_step];
  int32_t out;
  if (finish < HWC_FINISH_WIDE_S8) {
    __asm__("smmlar %0, %1, %2, %3" : "=r"(out) : "r"(acc), "r"(mult), "r"(requant->zero));
  } else {
    const int64_t wide = ((int64_t)acc * mult) + requant->offset[channel * requant->offset_step];
    out = ((int32_t)(wide >> 32) >> (requant->shift - 32U)) + requant->zero;
  }
  out = (out < requant->lo) ? requant->lo : out;
  return (out > requant->hi) ? requant->hi : out;
}

#endif
