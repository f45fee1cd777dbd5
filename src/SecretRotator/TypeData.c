// Part of the published Linux binary; runs before the runtime begins. docs/decisions/0130-type-data-in-large-pages.md tells why.
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// A large page's room before and after the type data (.hydrated, which the linker puts behind .bss), so that large pages hold its ends too.
static char before[0x200000];
extern char after[0x200000];
__asm__(".pushsection .hydrated.end, \"aw\", %nobits\n"
        "after: .skip 0x200000\n"
        ".popsection");

// A hint, so its answer doesn't matter: a system without large pages gives small ones, as it would without being asked.
__attribute__((constructor)) static void ask_for_large_pages(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)before + page - 1) & ~(page - 1);
    (void)madvise((void *)first, (uintptr_t)after + sizeof after - first, MADV_HUGEPAGE);
}
