/**
 * The part of <string.h> that a freestanding bundle may use; cortex_m/memory.c has the functions.
 * The macros let the compiler expand copies of known size in place, which -ffreestanding alone
 * would forbid.
 *
 * The harness has functions of its own (HWC_RUNTIME_MEMORY), so that the model's are in its image
 * only if it calls them.
 */
#ifndef HWC_STRING_H
#define HWC_STRING_H

#include <stddef.h>

#ifdef HWC_RUNTIME_MEMORY
#define memcpy hwc_runtime_memcpy
#define memmove hwc_runtime_memmove
#define memset hwc_runtime_memset
#define memcmp hwc_runtime_memcmp
#define strlen hwc_runtime_strlen
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);

#if !defined(HWC_RUNTIME_MEMORY) && !defined(HWC_DEFINES_MEMORY)
#define memcpy(to, from, bytes) __builtin_memcpy((to), (from), (bytes))
#define memmove(to, from, bytes) __builtin_memmove((to), (from), (bytes))
#define memset(to, value, bytes) __builtin_memset((to), (value), (bytes))
#endif

#endif
