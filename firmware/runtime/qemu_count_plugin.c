/**
 * A QEMU TCG plugin that counts instructions between two addresses, exactly. Built by
 * hwcomp/verify/qemu_emulator.py for the host; it declares the few functions it calls, since
 * Debian's QEMU ships no header for them.
 *
 * Arguments: begin=HEX, end=HEX, out=FILE. `begin` is an instruction that ends its translation
 * block (a call), `end` one that starts a block (where that call returns). The file gets a line
 * `region TOTAL` each time `end` is reached, and at exit a line `block ADDRESS INSTRUCTIONS TIMES`
 * for each block of all regions together. Counting whole blocks is exact: only an exception leaves
 * a block early, and a region holds none. An instruction that an IT block skips counts as one, as
 * it takes one cycle. Source: QEMU 7.2, docs/devel/tcg-plugins.rst and include/qemu/qemu-plugin.h,
 * version 1 of the interface.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t,
                                                                   struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
                                                 void (*callback)(unsigned int, void *), int flags,
                                                 void *data);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, void *), void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
                                                        size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;
EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                                 char **argv);

typedef struct block {
  uint64_t address;
  uint64_t instructions;
  uint64_t times;
  bool has_begin;
  struct block *next;
} block_t;

static block_t *blocks; /* a block that is translated again is listed again: the reader adds */
static uint64_t begin_address;
static uint64_t end_address;
static uint64_t total;
static bool is_counting;
static FILE *out;

static void on_block(unsigned int cpu, void *data) {
  block_t *block = data;

  (void)cpu;
  if (is_counting && (block->address == end_address)) {
    (void)fprintf(out, "region %" PRIu64 "\n", total);
    is_counting = false;
  }
  if (is_counting) {
    block->times++;
    total += block->instructions;
  }
  if (block->has_begin) {
    is_counting = true;
    total = 0;
  }
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  block_t *block = calloc(1, sizeof *block);

  (void)id;
  if (block == NULL) {
    abort();
  }
  block->instructions = qemu_plugin_tb_n_insns(tb);
  block->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
  block->has_begin = qemu_plugin_insn_vaddr(
                         qemu_plugin_tb_get_insn(tb, block->instructions - 1u)) == begin_address;
  block->next = blocks;
  blocks = block;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *data) {
  const block_t *block;

  (void)id;
  (void)data;
  for (block = blocks; block != NULL; block = block->next) {
    if (block->times != 0u) {
      (void)fprintf(out, "block %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", block->address,
                    block->instructions, block->times);
    }
  }
  (void)fclose(out);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                                 char **argv) {
  int i;

  (void)info;
  for (i = 0; i < argc; i++) {
    if (strncmp(argv[i], "begin=", 6) == 0) {
      begin_address = strtoull(&argv[i][6], NULL, 16);
    } else if (strncmp(argv[i], "end=", 4) == 0) {
      end_address = strtoull(&argv[i][4], NULL, 16);
    } else if (strncmp(argv[i], "out=", 4) == 0) {
      out = fopen(&argv[i][4], "w");
    }
  }
  if (out == NULL) {
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
  return 0;
}
