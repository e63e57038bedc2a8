#!/usr/bin/env bash
# Builds Orochi with what a run of it has shown (profile-guided optimisation), as the builds of CPython that distributions ship are.
#
# usage: benches/profile_guided.sh     prints where the binary is, at the end
#
# Builds twice (some ten minutes on two cores). What is run in between are this project's own programs: those of tests/language, the
# single operations, the kernels and some threaded programs. The suite that speed is measured with (pyperformance.py) is not among them.
# Needs llvm-profdata of the same toolchain: rustup component add llvm-tools
set -euo pipefail
cd "$(dirname "$0")/.."

host="$(rustc -vV | sed -n 's/^host: //p')"
profdata="$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata"
if [ ! -x "$profdata" ]; then
    echo "no llvm-profdata here: rustup component add llvm-tools" >&2
    exit 1
fi
target="${CARGO_TARGET_DIR:-$PWD/target}/profile-guided"
profiles="$target/profiles"
binary="$target/$host/release/orochi"

# With a target named, flags are for the program only, not for what builds it.
build() {
    RUSTFLAGS="$1" CARGO_TARGET_DIR="$target" cargo build --release --bin orochi --target "$host"
}

# Programs that fail (or do not end in time) have run what they have run.
train() {
    timeout 60 "$binary" "$@" >/dev/null 2>&1 </dev/null || true
}

rm -rf "$profiles"
mkdir -p "$profiles"
build "-Cprofile-generate=$profiles"
export LLVM_PROFILE_FILE="$profiles/%4m.profraw" PYTHONDONTWRITEBYTECODE=1
find tests/language -name '*.py' | sort | while read -r program; do
    train "$program"
done
train benches/operations/statements.py ""
train benches/kernel_scaling.py --run --threads 1 --seconds 0.1
train benches/kernel_scaling.py --run --threads 2 --seconds 0.05
for program in "nbody --size 200" "nqueens --size 9" "json_transform --size 4000" "word_count --size 60"; do
    # shellcheck disable=SC2086
    train benches/programs/${program/ /.py --threads 1 }
done
unset LLVM_PROFILE_FILE

"$profdata" merge -o "$profiles/merged.profdata" "$profiles"/*.profraw
build "-Cprofile-use=$profiles/merged.profdata"
echo "$binary"
