#include "hwc_requant.h"

int32_t hwc_requant_product(const hwc_requant_t *requant, size_t channel, int64_t product) {
  const int64_t offset = (requant->kind == HWC_REQUANT_HIGH)
                             ? ((int64_t)1 << 31)
                             : requant->offset[channel * requant->offset_step];
  const uint32_t shift = (requant->kind == HWC_REQUANT_HIGH) ? 32U : requant->shift;
  int64_t acc = product + offset;
  int64_t quotient;
  if ((requant->kind == HWC_REQUANT_GENERAL) && (requant->correction_bias != NULL)) {
    const size_t at = channel * requant->correction_step;
    if ((product + requant->correction_bias[at]) < 0) {
      acc -= requant->correction_amount[at];
    }
  }
  quotient = hwc_floor_shift(acc, shift);
  if ((requant->kind == HWC_REQUANT_GENERAL) && (requant->tie != HWC_TIE_FLOOR)) {
    const uint64_t mask = ((uint64_t)1 << shift) - 1U;
    const int odd = ((uint64_t)quotient & 1U) != 0U;
    const int lower = (requant->tie == HWC_TIE_EVEN) ? odd : ((acc - offset) < 0);
    if ((((uint64_t)acc & mask) == 0U) && lower) {
      quotient -= 1;
    }
  }
  return (int32_t)hwc_clamp(quotient + requant->zero, requant->lo, requant->hi);
}
