#!/usr/bin/env bash
# The pipe: its variables become the arguments of one command.
set -euo pipefail

arguments=()
# NAME OPTION: an option with the value of a variable that is set.
option() { [ -z "${!1:-}" ] || arguments+=("$2" "${!1}"); }

# Words at blanks, without file name patterns.
set -f
# shellcheck disable=SC2206
words=(${COMMAND:?the variable COMMAND is required}) names=(${NAMES:-})
option INVENTORY --inventory
option EVIDENCE --evidence
option REPORT --report
option LOG_LEVEL --log-level
if [ ${#names[@]} -gt 0 ]; then
    if [ -n "${REASON:-}" ]; then arguments+=(--force "${names[@]}" --reason "$REASON"); else arguments+=(--only "${names[@]}"); fi
fi
exec secret-rotator "${words[@]}" "${arguments[@]}"
