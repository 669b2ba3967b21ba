"""The CUDA source of a bundle, run on this machine: a warp is 32 contexts that meet at every `mma.sync`.

Each lane gives its words and waits for its warp; then it adds up its two sums from all lanes' words, as the fragments
of m8n8k16 (bytes) and m8n8k32 (4 bits) are laid out in the PTX ISA. Kernels by tensor cores alone: of others no
launch is known.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

_ASM = re.compile(
    r'__asm__ __volatile__\(\s*"mma\.sync\.aligned\.(m8n8k16|m8n8k32)\.row\.col\.s32\.([us])[48]\.s[48]\.s32".*?'
    r'"=r"\(\(\(int \*\)\((\w+ \+ \d+)\)\).*?: "r"\(\(\(unsigned \*\)\((\w+) \+ 0\)\)\[0\]\), '
    r'"r"\(\(\(unsigned \*\)\((\w+) \+ 0\)\)\[0\]\).*?\);\n',
    re.DOTALL,
)
_KERNEL = re.compile(r'extern "C" __global__ void __launch_bounds__\(32\) (\w+)_kernel\(([^)]*)\) \{')
_FUNCTION = re.compile(r"def (\w+)\(\n((?:        \w+: T\.Buffer.*\n)+)")

_HEAD = """
#include <cstdint>
#include <ucontext.h>
#define __global__
#define __launch_bounds__(n)
#define __restrict__
#define uint unsigned int
#define uchar unsigned char
#define ushort unsigned short
template <class T> static T min(T a, T b) { return a < b ? a : b; }
template <class T> static T max(T a, T b) { return a < b ? b : a; }
struct Place { int x, y, z; };
static Place threadIdx, blockIdx;
static ucontext_t home, lanes[32];
static char stacks[32][65536];
static unsigned a_words[2][32], b_words[2][32];
static int turns[32];
static void **given;

static int value(unsigned word, int i, int per, bool has_sign) {
  int bits = 32 / per;
  unsigned found = word >> (bits * i) & ((1u << bits) - 1);
  return has_sign && found >> (bits - 1) ? (int)found - (1 << bits) : (int)found;
}

static void mma(int *c, unsigned a, unsigned b, int per, bool has_sign) {
  int me = threadIdx.x, slot = turns[me]++ & 1, next = (me + 1) % 32;
  a_words[slot][me] = a;
  b_words[slot][me] = b;
  threadIdx.x = next;
  swapcontext(&lanes[me], &lanes[next]);
  for (int e = 0; e < 2; e++)
    for (int q = 0; q < 4; q++)
      for (int i = 0; i < per; i++)
        c[e] += value(a_words[slot][me / 4 * 4 + q], i, per, has_sign) *
                value(b_words[slot][(me % 4 * 2 + e) * 4 + q], i, per, true);
}

static void leave() {
  int me = threadIdx.x++;
  setcontext(me == 31 ? &home : &lanes[me + 1]);
}

static void launch(void (*body)(), void **arguments, int width, int height) {
  given = arguments;
  for (blockIdx.y = 0; blockIdx.y < height; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < width; blockIdx.x++) {
      for (int i = 0; i < 32; i++) {
        turns[i] = 0;
        getcontext(&lanes[i]);
        lanes[i].uc_stack.ss_sp = stacks[i];
        lanes[i].uc_stack.ss_size = sizeof stacks[i];
        makecontext(&lanes[i], body, 0);
      }
      threadIdx.x = 0;
      swapcontext(&home, &lanes[0]);
    }
}
"""


def emulated(folder: Path, name: str = "net") -> Path:
    """The bundle with a library of its CUDA source for this machine, which its manifest now claims to run on."""
    text = (folder / "lib" / f"{name}_kernels.cu").read_text("utf-8")
    report = json.loads((folder / "lib" / "gpu.json").read_text("utf-8"))["kernels"]
    orders = {
        match[1]: re.findall(r"(\w+): T\.Buffer", match[2])
        for match in _FUNCTION.finditer((folder / "kernels.tvmscript.py").read_text("utf-8"))
    }
    bodies = [line for line in text.splitlines() if not line.lstrip().startswith("#include")]
    code, wrappers = "\n".join(bodies), []
    code, count = _ASM.subn(_called, code)
    assert count and "__asm__ __volatile__(" not in code, count
    for match in _KERNEL.finditer(code):
        function, parameters = match[1], [part.strip() for part in match[2].split(",")]
        kinds = [part.rsplit(" ", 1)[0].replace("__restrict__", "") for part in parameters]
        names = [part.rsplit(" ", 1)[1].removesuffix("_ptr") for part in parameters]
        passed = ", ".join(f"({kind})given[{i}]" for i, kind in enumerate(kinds))
        where = report[function]["launch"]
        wrappers.append(
            f"static void body_{function}() {{ {function}_kernel({passed}); leave(); }}\n"
            f'extern "C" int {name}_{function}({", ".join(f"void *{n}" for n in orders[function])}) {{\n'
            f"  void *arguments[] = {{{', '.join(names)}}};\n"
            f"  launch(body_{function}, arguments, {where['blockIdx.x']}, {where['blockIdx.y']});\n  return 0;\n}}\n"
        )
    manifest = folder / "manifest.json"
    document = json.loads(manifest.read_text("utf-8"))
    wrappers.append(_inference(name, document))
    source = folder / "lib" / "warps.cpp"
    source.write_text(_HEAD + code + "\n" + "\n".join(wrappers), "utf-8")
    library = folder / "lib" / f"lib{name}.so"
    command = ["c++", "-O1", "-w", "-fwrapv", "-shared", "-fPIC", "-o", str(library), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    document["machine"]["runs_here"] = True
    manifest.write_text(json.dumps(document), "utf-8")
    return folder


def _inference(name: str, manifest: dict[str, Any]) -> str:
    """The kernels in order, as run.tvmscript.py has them."""
    ports = [f"input{i}" for i in range(len(manifest["inputs"]))]
    ports += [f"output{i}" for i in range(len(manifest["outputs"]))]
    lines = []
    for step in manifest["steps"]:
        given = [f"{kind}{at}" if kind in ("input", "output") else f"{kind} + {at}" for kind, at in step["arguments"]]
        if step["function"]:
            lines.append(f"  {step['function']}({', '.join(given)});\n")
    head = ", ".join(f"char *{port}" for port in (*ports, "params", "state", "arena"))
    return f'extern "C" int {name}_inference({head}) {{\n{"".join(lines)}  return 0;\n}}\n'


def _called(match: re.Match[str]) -> str:
    shape, sign, sums, a, b = match.groups()
    return f"mma({sums}, {a}[0], {b}[0], {4 if shape == 'm8n8k16' else 8}, {'true' if sign == 's' else 'false'});\n"
