/**
 * The harness on an emulated Cortex-M: files by semihosting, buffers with painted guards between
 * them, and a measured call on a painted stack of its own. hwcomp/verify/semihosting.py answers the
 * calls under unicorn, QEMU does by itself. Source: Arm semihosting specification, 2.0 (operations
 * 0x01, 0x02, 0x05, 0x06, 0x20).
 */
#include "harness.h"

#include <string.h>

#include "semihosting.h"

enum {
  SYS_OPEN = 0x01,
  SYS_CLOSE = 0x02,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_EXIT_EXTENDED = 0x20,
  ADP_APPLICATION_EXIT = 0x20026,
  MODE_READ_BINARY = 1,
  MODE_WRITE_BINARY = 5
};

enum { EXIT_OUT_OF_MEMORY = 98, ALIGNMENT = 16, GUARD_BYTES = 32, BUFFER_LIMIT = 64 };

#define PAINT 0xA5A5A5A5u

extern uint8_t hwc_pool_start[], hwc_pool_end[];
extern uint32_t hwc_model_stack_limit[], hwc_model_stack_top[];

static uint8_t *guards[BUFFER_LIMIT];
static size_t guard_sizes[BUFFER_LIMIT];
static uint32_t buffer_count;
static uint8_t *pool_next;
static uint32_t stack_is_painted;

static uintptr_t semihost(uintptr_t operation, const void *argument) {
  register uintptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;

  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void hwc_semihosting_exit(int code) {
  const uintptr_t block[2] = {ADP_APPLICATION_EXIT, (uintptr_t)code};

  (void)semihost(SYS_EXIT_EXTENDED, block);
  for (;;) {
  }
}

static int32_t open_file(const char *name, uintptr_t mode) {
  const uintptr_t block[3] = {(uintptr_t)name, mode, strlen(name)};

  return (int32_t)semihost(SYS_OPEN, block);
}

int32_t hwc_open_read(const char *name) { return open_file(name, MODE_READ_BINARY); }

int32_t hwc_open_write(const char *name) { return open_file(name, MODE_WRITE_BINARY); }

/* SYS_READ answers with the number of bytes that it did not read. */
size_t hwc_read(int32_t handle, void *data, size_t bytes) {
  const uintptr_t block[3] = {(uintptr_t)handle, (uintptr_t)data, bytes};

  return bytes - semihost(SYS_READ, block);
}

void hwc_write(int32_t handle, const void *data, size_t bytes) {
  const uintptr_t block[3] = {(uintptr_t)handle, (uintptr_t)data, bytes};

  if (bytes != 0u) {
    (void)semihost(SYS_WRITE, block);
  }
}

void hwc_close(int32_t handle) {
  const uintptr_t block[1] = {(uintptr_t)handle};

  (void)semihost(SYS_CLOSE, block);
}

/* Each buffer is followed by a guard, which reaches up to the next aligned address plus
 * GUARD_BYTES. */
void *hwc_allocate(size_t bytes) {
  const size_t room = ((bytes + (size_t)ALIGNMENT - 1u) / (size_t)ALIGNMENT) * (size_t)ALIGNMENT;
  uint8_t *memory;

  if (pool_next == NULL) {
    (void)memset(hwc_pool_start, 0xA5, GUARD_BYTES);
    pool_next = &hwc_pool_start[GUARD_BYTES];
  }
  memory = pool_next;
  if ((buffer_count == (uint32_t)BUFFER_LIMIT) ||
      ((size_t)(hwc_pool_end - memory) < (room + (size_t)GUARD_BYTES))) {
    hwc_semihosting_exit(EXIT_OUT_OF_MEMORY);
  }
  guards[buffer_count] = &memory[bytes];
  guard_sizes[buffer_count] = (room - bytes) + (size_t)GUARD_BYTES;
  (void)memset(guards[buffer_count], 0xA5, guard_sizes[buffer_count]);
  buffer_count++;
  pool_next = &memory[room + (size_t)GUARD_BYTES];
  return memory;
}

static int is_painted(const uint8_t *bytes, size_t count) {
  size_t i = 0;

  while ((i < count) && (bytes[i] == 0xA5u)) {
    i++;
  }
  return i == count;
}

/* Bytes below the first buffer count as the first buffer's. */
uint32_t hwc_broken_guard(void) {
  uint32_t broken = is_painted(hwc_pool_start, GUARD_BYTES) ? 0u : 1u;
  uint32_t i;

  for (i = 0; (i < buffer_count) && (broken == 0u); i++) {
    broken = is_painted(guards[i], guard_sizes[i]) ? 0u : (i + 1u);
  }
  return broken;
}

/**
 * Call `entry` with arguments[0..3] in r0..r3 on the stack that ends at `stack_top`.
 * The counters start after the instruction at hwc_roi_begin and end before the one at hwc_roi_end:
 * what they count is the called function from its first instruction to its return. `blx` and the
 * return end translation blocks, so both labels are edges of blocks.
 */
int hwc_call_on_stack(const uintptr_t *arguments, hwc_entry_t entry, uint32_t *stack_top);
__asm__(".text\n"
        ".syntax unified\n"
        ".thumb\n"
        ".p2align 2\n"
        ".global hwc_call_on_stack\n"
        ".type hwc_call_on_stack, %function\n"
        ".thumb_func\n"
        "hwc_call_on_stack:\n"
        "    push {r4, lr}\n"
        "    mov r4, sp\n"
        "    mov sp, r2\n"
        "    mov r12, r1\n"
        "    ldm r0, {r0, r1, r2, r3}\n"
        ".global hwc_roi_begin\n"
        "hwc_roi_begin:\n"
        "    blx r12\n"
        ".global hwc_roi_end\n"
        "hwc_roi_end:\n"
        "    mov sp, r4\n"
        "    pop {r4, pc}\n"
        ".size hwc_call_on_stack, . - hwc_call_on_stack\n");

int hwc_measured_call(hwc_entry_t entry, const uintptr_t arguments[4]) {
  uint32_t *word;

  if (stack_is_painted == 0u) {
    for (word = hwc_model_stack_limit; word < hwc_model_stack_top; word++) {
      *word = PAINT;
    }
    stack_is_painted = 1u;
  }
  return hwc_call_on_stack(arguments, entry, hwc_model_stack_top);
}

/* The high-water mark: from the lowest word that lost its paint. Without a measured call there is
 * none. */
uint32_t hwc_stack_bytes(void) {
  const uint32_t *word = (stack_is_painted != 0u) ? hwc_model_stack_limit : hwc_model_stack_top;

  while ((word < hwc_model_stack_top) && (*word == PAINT)) {
    word++;
  }
  return (uint32_t)((uintptr_t)hwc_model_stack_top - (uintptr_t)word);
}
