/**
 * Element types, typed loads and stores, and the shift that C99 does not define.
 *
 * A tensor is a dense array, channels last (NHWC), of one of five element types. The type is a
 * constant of the layer; the 8-bit types are the hot path. Model: hwcomp/ir/types.py.
 */
#ifndef HWC_TYPES_H
#define HWC_TYPES_H

#include <stddef.h>
#include <stdint.h>

/** Element type of a tensor; values of `hwc_type_t`. */
enum { HWC_S8 = 0, HWC_U8 = 1, HWC_S16 = 2, HWC_U16 = 3, HWC_S32 = 4 };
typedef uint8_t hwc_type_t;

/** Greatest rank of a tensor in `hwc_strided_t` and `hwc_binary_t`. */
#define HWC_MAX_DIMS 6

/**
 * floor(value / 2^shift), shift 0 to 62.
 * GCC and Clang document `>>` of a negative as arithmetic; elsewhere the complement keeps it
 * defined.
 */
static inline int64_t hwc_floor_shift(int64_t value, uint32_t shift) {
#if defined(__GNUC__)
  return value >> shift;
#else
  return (value >= 0) ? (int64_t)((uint64_t)value >> shift) : (int64_t)~(~(uint64_t)value >> shift);
#endif
}

/** Bytes of one element: 1, 2 or 4. */
static inline uint32_t hwc_size(hwc_type_t type) {
  return (type == HWC_S32) ? 4U : ((type >= HWC_S16) ? 2U : 1U);
}

/** Element `index` of an array of `type`, widened. */
static inline int32_t hwc_load(const void *data, hwc_type_t type, size_t index) {
  int32_t value;
  switch (type) {
  case HWC_S8:
    value = ((const int8_t *)data)[index];
    break;
  case HWC_U8:
    value = ((const uint8_t *)data)[index];
    break;
  case HWC_S16:
    value = ((const int16_t *)data)[index];
    break;
  case HWC_U16:
    value = ((const uint16_t *)data)[index];
    break;
  default:
    value = ((const int32_t *)data)[index];
    break;
  }
  return value;
}

/** Stores `value`, which fits `type`, at `index`. */
static inline void hwc_store(void *data, hwc_type_t type, size_t index, int32_t value) {
  switch (type) {
  case HWC_S8:
    ((int8_t *)data)[index] = (int8_t)value;
    break;
  case HWC_U8:
    ((uint8_t *)data)[index] = (uint8_t)value;
    break;
  case HWC_S16:
    ((int16_t *)data)[index] = (int16_t)value;
    break;
  case HWC_U16:
    ((uint16_t *)data)[index] = (uint16_t)value;
    break;
  default:
    ((int32_t *)data)[index] = value;
    break;
  }
}

/** clamp(value, lo, hi). */
static inline int64_t hwc_clamp(int64_t value, int64_t lo, int64_t hi) {
  return (value < lo) ? lo : ((value > hi) ? hi : value);
}

#endif
