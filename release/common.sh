# shellcheck shell=bash disable=SC2034
# What the scripts of a release share. Sourced from the root of the repository.

fail() { printf 'release/%s: %s\n' "${0##*/}" "$1" >&2; exit 1; }

# TOOL...: fails with the first one that is missing.
needs() { local tool; for tool; do command -v "$tool" > /dev/null || fail "$tool is not installed (docs/releasing.md)"; done; }

# The time of the commit, which everything that has a time gets. Without a repository the environment has to say it.
epoch() { SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} || fail 'set SOURCE_DATE_EPOCH: there is no commit'; }

# An archive of files that are independent of who packs them, when and where.
pack() { tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go-w,a+rX --mtime="@$SOURCE_DATE_EPOCH" "$@"; }

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
release=secret-rotator-$version
