#!/usr/bin/env bash
# The long form of the tests that hold the memory model together (docs/proof.md), each with the time that it is given.
#
# usage: tests/proof.sh [MINUTES]     minutes for each part, 60 by default
#
# Sanitizers and fuzzing need a nightly toolchain with its sources (rustup component add rust-src --toolchain nightly) and
# cargo-fuzz; without them those parts are left out, and the end says so.
set -uo pipefail
cd "$(dirname "$0")/.."
minutes="${1:-60}"
target="${CARGO_TARGET_DIR:-${TMPDIR:-/tmp}/orochi-proof-target}"
host="$(rustc -vV | sed -n 's/^host: //p')"
failed=()

part() {
    echo "== $1"
    shift
    "$@" || failed+=("$*")
}

stress_programs() {
    for program in tests/stress/*.py; do
        name="$(basename "$program" .py)"
        [ "$name" = common ] || echo "$name"
    done
}

# Every stress program with a binary, as long as all of them together may take; $2 threads.
stress_with() {
    local binary="$1" threads="$2" seconds failures=0
    seconds=$((minutes * 60 / $(stress_programs | wc -l)))
    for name in $(stress_programs); do
        "$binary" "tests/stress/$name.py" "$seconds" "$threads" || failures=$((failures + 1))
    done
    return "$failures"
}

# A build under a sanitizer ("address" or "thread"), then the stress programs with it.
sanitized() {
    local build="$target/$1"
    RUSTFLAGS="-Zsanitizer=$1 --cfg sanitized $2" CARGO_TARGET_DIR="$build" cargo +nightly build -Zbuild-std=std,panic_abort \
        --release --target "$host" --bin orochi --config 'profile.release.package.orochi.debug-assertions=true' &&
        OROCHI_STRESS_MEMORY=8 stress_with "$build/$host/release/orochi" 4
}

export CARGO_TARGET_DIR="$target"
export OROCHI_TEST_TIMEOUT=$((minutes * 60))
part "models" env LOOM_TESTS_LONG=1 cargo test -p loom-tests --release
part "stress" env OROCHI_STRESS_SECONDS=$((minutes * 60 / 36)) OROCHI_STRESS_THREADS=2,8,16 cargo test --test stress -- --test-threads 1
part "mutants" env OROCHI_MUTANT_SECONDS=$((minutes * 60)) cargo test --test mutants
part "schedules" env OROCHI_SCHEDULES=$((minutes * 300)) cargo test --test schedules
part "ledger" env OROCHI_LEDGER=all cargo test --test ledger
part "faults" env OROCHI_FAULT_ROUNDS=$((minutes * 50)) cargo test --test faults
if rustc +nightly --version >/dev/null 2>&1; then
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    export TSAN_OPTIONS=halt_on_error=1:report_signal_unsafe=0
    part "AddressSanitizer" sanitized address "--cfg asan"
    part "ThreadSanitizer" sanitized thread ""
    if cargo +nightly fuzz --version >/dev/null 2>&1; then
        for fuzz in fuzz/fuzz_targets/*.rs; do
            name="$(basename "$fuzz" .rs)"
            part "fuzz $name" cargo +nightly fuzz run "$name" -- -max_total_time=$((minutes * 60)) -timeout=25 -max_len=600
        done
    else
        echo "left out: fuzzing (no cargo-fuzz)"
    fi
else
    echo "left out: sanitizers and fuzzing (no nightly toolchain)"
fi

if [ "${#failed[@]}" -gt 0 ]; then
    printf 'failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "all parts hold"
