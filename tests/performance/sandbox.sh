# shellcheck shell=bash disable=SC1091,SC2034
# What run and report share: the programs, and how they are measured. Sourced from the root of the repository.

work=$(mktemp -d)
server=
silence() { [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; }; }
trap 'silence; rm -rf "$work"' EXIT

# Runs a command that is of interest only when it fails.
quietly() { "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }

# Publishes the binary unless there is one.
publish() {
    if [ -z "$binary" ]; then
        echo 'Publishing the binary ...' >&2
        quietly dotnet publish src/SecretRotator -c Release -o "$work/publish"
        binary="$work/publish/secret-rotator"
    fi
    binary=$(realpath "$binary")
}

# Publishes what start-up is compared with.
publish_hello() { quietly dotnet publish tests/performance/hello -c Release -p:RunAnalyzers=false -o "$work/hello"; }

# NAME COMMAND...: notes the microseconds that it takes.
clock() { local start=${EPOCHREALTIME/./}; "${@:2}" > /dev/null; echo $(( ${EPOCHREALTIME/./} - start )) >> "$work/$1.times"; }

# NAME: the least and the median, in ms.
times() { sort -n "$work/$1.times" | awk '{ t[NR] = $1 / 1000 } END { printf "%.1f %.1f", t[1], t[int((NR + 1) / 2)] }'; }

# Serves what $work/rotation.yaml names, with the options of the sandbox program; $work/exports has the settings.
serve() {
    silence
    rm -f "$work/settings"
    dotnet src/SecretRotator.Sandbox/bin/Release/net10.0/SecretRotator.Sandbox.dll --inventory "$work/rotation.yaml" "$@" > "$work/settings" &
    server=$!
    for _ in $(seq 1 600); do
        grep -q '^# Ready' "$work/settings" 2>/dev/null && break
        kill -0 "$server" || { cat "$work/settings" >&2; exit 1; }
        sleep 0.1
    done
    grep '^export' "$work/settings" > "$work/exports"
}

# Runs the rotator with a command; sets wall (ms) and peak (kB). Its result goes to $work/result.
measure() {
    local start=${EPOCHREALTIME/./} rotator looks status=0
    ( . "$work/exports"; cd "$work" || exit; exec "$binary" "$@" --inventory rotation.yaml --log-level error > result ) &
    rotator=$!
    while sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$rotator/status" 2>/dev/null; do sleep 0.01; done > "$work/peaks" &
    looks=$!
    wait "$rotator" || status=$?
    wall=$(( (${EPOCHREALTIME/./} - start) / 1000 ))
    wait "$looks" || true
    peak=$(tail -n 1 "$work/peaks")
    [ "$status" -eq 0 ] || { echo "The rotator ended with $status." >&2; head -c 2000 "$work/result" >&2; exit 1; }
}
