/**
 * The harness on a hosted machine. Every buffer is an allocation of its own, of exactly its size,
 * so that AddressSanitizer sees an access one byte outside; without it, a broken heap is the C
 * library's to find.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_LIMIT = 8 };

static FILE *files[FILE_LIMIT];
static int32_t file_count;

static int32_t open_file(const char *name, const char *mode) {
  FILE *file = (file_count < FILE_LIMIT) ? fopen(name, mode) : NULL;

  if (file == NULL) {
    (void)fprintf(stderr, "cannot open %s\n", name);
    exit(EXIT_FAILURE);
  }
  files[file_count] = file;
  return file_count++;
}

int32_t hwc_open_read(const char *name) { return open_file(name, "rb"); }

int32_t hwc_open_write(const char *name) { return open_file(name, "wb"); }

size_t hwc_read(int32_t handle, void *data, size_t bytes) {
  return fread(data, 1, bytes, files[handle]);
}

void hwc_write(int32_t handle, const void *data, size_t bytes) {
  if ((bytes != 0u) && (fwrite(data, 1, bytes, files[handle]) != bytes)) {
    (void)fprintf(stderr, "cannot write the results\n");
    exit(EXIT_FAILURE);
  }
}

void hwc_close(int32_t handle) { (void)fclose(files[handle]); }

/* malloc aligns to 16 bytes on the 64-bit hosts; the memory lives until the process ends. */
void *hwc_allocate(size_t bytes) {
  void *memory = malloc((bytes != 0u) ? bytes : 1u);

  if (memory == NULL) {
    (void)fprintf(stderr, "out of memory\n");
    exit(EXIT_FAILURE);
  }
  return memory;
}

uint32_t hwc_broken_guard(void) { return 0u; }

uint32_t hwc_stack_bytes(void) { return 0u; }

int main(void) { return hwc_harness_run(); }
