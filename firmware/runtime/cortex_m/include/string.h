/**
 * The part of <string.h> that a freestanding bundle may use; cortex_m/memory.c has the functions. The macros let the
 * compiler expand copies of known size in place, which -ffreestanding alone would forbid.
 */
#ifndef HWC_STRING_H
#define HWC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);

#define memcpy(to, from, bytes) __builtin_memcpy((to), (from), (bytes))
#define memmove(to, from, bytes) __builtin_memmove((to), (from), (bytes))
#define memset(to, value, bytes) __builtin_memset((to), (value), (bytes))

#endif
