// Part of the published Linux binary; runs before the runtime begins. docs/decisions/0040-type-data-uses-large-pages.md tells why.
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

extern char __bss_start[], _end[]; // the linker's

// A hint, so its answer doesn't matter: a system without large pages gives small ones, as it would without being asked.
__attribute__((constructor)) static void ask_for_large_pages(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)__bss_start + page - 1) & ~(page - 1);
    (void)madvise((void *)first, (uintptr_t)_end - first, MADV_HUGEPAGE);
}
