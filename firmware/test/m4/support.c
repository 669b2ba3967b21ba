/* What a bare Cortex-M image of the kernel tests needs: string functions, and two calls that the
 * emulator watches. They are written plainly; -fno-builtin keeps the compiler from calling itself.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
void report(int number, long at, long got, long want);
void roi(int on);
void halt(void);
int run_cases(void);
void start(void);

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  size_t i;
  for (i = 0U; i < count; i++) {
    ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
  }
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  size_t i;
  for (i = 0U; i < count; i++) {
    const size_t at = ((uintptr_t)to < (uintptr_t)from) ? i : (count - 1U - i);
    ((uint8_t *)to)[at] = ((const uint8_t *)from)[at];
  }
  return to;
}

void *memset(void *to, int value, size_t count) {
  size_t i;
  for (i = 0U; i < count; i++) {
    ((uint8_t *)to)[i] = (uint8_t)value;
  }
  return to;
}

__attribute__((noinline)) void report(int number, long at, long got, long want) {
  __asm__ volatile("nop" ::"r"(number), "r"(at), "r"(got), "r"(want));
}

__attribute__((noinline)) void roi(int on) { __asm__ volatile("nop" ::"r"(on)); }

__attribute__((noinline)) void halt(void) { __asm__ volatile("nop"); }

void start(void) {
  (void)run_cases();
  halt();
}
