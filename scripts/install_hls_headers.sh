#!/usr/bin/env bash
# ap_int and ac_int, Apache-2.0, as the wheel of hls4ml carries them; only its headers are wanted, not its dependencies. They
# go to share/hwcomp/hls of the environment whose Python is given, where hwcomp finds them. Without a network: nothing, aloud.
set -euo pipefail

python=${1:-python3}
goal=$("$python" -c 'import sys; print(sys.prefix)')/share/hwcomp/hls
if [ -f "$goal/vivado/ap_types/ap_int.h" ] && [ -f "$goal/catapult/ac_types/include/ac_int.h" ]; then
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! "$python" -m pip download -q --no-deps -d "$work" hls4ml==1.3.0; then
  echo "not installed: the headers of ap_int and ac_int; tests that need them skip"
  exit 0
fi
mkdir -p "$goal"
"$python" - "$work" "$goal" <<'PYTHON'
import sys
import zipfile
from pathlib import Path

wheel, goal = next(Path(sys.argv[1]).glob("*.whl")), Path(sys.argv[2])
root = "hls4ml/templates/"
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        inside = name.removeprefix(root)
        if inside.startswith(("vivado/ap_types/", "catapult/ac_types/")) and not name.endswith("/"):
            target = goal / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
PYTHON
