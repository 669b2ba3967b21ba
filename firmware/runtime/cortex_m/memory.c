/**
 * The memory functions that compilers call, for images without a C library. Compiled with
 * -fno-builtin and without loop idioms, or a compiler would turn each into a call of itself. Word
 * loops: Armv7-M reads and writes words at any address, but the destination is aligned first. Arm's
 * names (__aeabi_*) are what clang calls; RTABI 4.3.4 gives their arguments.
 */
#define HWC_DEFINES_MEMORY
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORD = 4, BLOCK = 16 };

typedef uint32_t __attribute__((may_alias, aligned(1))) word_t;

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  uint8_t *d = to;
  const uint8_t *s = from;

  while ((bytes != 0u) && (((uintptr_t)d % WORD) != 0u)) {
    *d++ = *s++;
    bytes--;
  }
  for (; bytes >= (size_t)BLOCK; bytes -= (size_t)BLOCK) {
    const uint32_t a = ((const word_t *)s)[0];
    const uint32_t b = ((const word_t *)s)[1];
    const uint32_t c = ((const word_t *)s)[2];
    const uint32_t e = ((const word_t *)s)[3];

    ((word_t *)d)[0] = a;
    ((word_t *)d)[1] = b;
    ((word_t *)d)[2] = c;
    ((word_t *)d)[3] = e;
    s += BLOCK;
    d += BLOCK;
  }
  for (; bytes >= (size_t)WORD; bytes -= (size_t)WORD) {
    *(word_t *)d = *(const word_t *)s;
    s += WORD;
    d += WORD;
  }
  for (; bytes != 0u; bytes--) {
    *d++ = *s++;
  }
  return to;
}

/* Downwards only where the regions overlap that way. */
void *memmove(void *to, const void *from, size_t bytes) {
  uint8_t *d = (uint8_t *)to + bytes;
  const uint8_t *s = (const uint8_t *)from + bytes;

  if (((uintptr_t)to - (uintptr_t)from) >= bytes) {
    return memcpy(to, from, bytes);
  }
  for (; bytes >= (size_t)WORD; bytes -= (size_t)WORD) {
    s -= WORD;
    d -= WORD;
    *(word_t *)d = *(const word_t *)s;
  }
  for (; bytes != 0u; bytes--) {
    *--d = *--s;
  }
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  const uint32_t word = (uint8_t)value * 0x01010101u;
  uint8_t *d = to;

  while ((bytes != 0u) && (((uintptr_t)d % WORD) != 0u)) {
    *d++ = (uint8_t)value;
    bytes--;
  }
  for (; bytes >= (size_t)BLOCK; bytes -= (size_t)BLOCK) {
    ((word_t *)d)[0] = word;
    ((word_t *)d)[1] = word;
    ((word_t *)d)[2] = word;
    ((word_t *)d)[3] = word;
    d += BLOCK;
  }
  for (; bytes != 0u; bytes--) {
    *d++ = (uint8_t)value;
  }
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const uint8_t *p = a;
  const uint8_t *q = b;

  while ((bytes >= (size_t)WORD) && (*(const word_t *)p == *(const word_t *)q)) {
    p += WORD;
    q += WORD;
    bytes -= (size_t)WORD;
  }
  while ((bytes != 0u) && (*p == *q)) {
    p++;
    q++;
    bytes--;
  }
  return (bytes == 0u) ? 0 : ((int)*p - (int)*q);
}

size_t strlen(const char *text) {
  const char *end = text;

  while (*end != '\0') {
    end++;
  }
  return (size_t)(end - text);
}

#ifndef HWC_RUNTIME_MEMORY
void __aeabi_memcpy(void *to, const void *from, size_t bytes);
void __aeabi_memmove(void *to, const void *from, size_t bytes);
void __aeabi_memset(void *to, size_t bytes, int value);
void __aeabi_memclr(void *to, size_t bytes);

void __aeabi_memcpy(void *to, const void *from, size_t bytes) { (void)memcpy(to, from, bytes); }

void __aeabi_memmove(void *to, const void *from, size_t bytes) { (void)memmove(to, from, bytes); }

void __aeabi_memset(void *to, size_t bytes, int value) { (void)memset(to, value, bytes); }

void __aeabi_memclr(void *to, size_t bytes) { (void)memset(to, 0, bytes); }

#define HWC_ALIAS(name, of, type, ...) type name(__VA_ARGS__) __attribute__((alias(#of)))
HWC_ALIAS(__aeabi_memcpy4, __aeabi_memcpy, void, void *, const void *, size_t);
HWC_ALIAS(__aeabi_memcpy8, __aeabi_memcpy, void, void *, const void *, size_t);
HWC_ALIAS(__aeabi_memmove4, __aeabi_memmove, void, void *, const void *, size_t);
HWC_ALIAS(__aeabi_memmove8, __aeabi_memmove, void, void *, const void *, size_t);
HWC_ALIAS(__aeabi_memset4, __aeabi_memset, void, void *, size_t, int);
HWC_ALIAS(__aeabi_memset8, __aeabi_memset, void, void *, size_t, int);
HWC_ALIAS(__aeabi_memclr4, __aeabi_memclr, void, void *, size_t);
HWC_ALIAS(__aeabi_memclr8, __aeabi_memclr, void, void *, size_t);
#endif
