#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// What the address sanitizer asks for when a program starts: memory that it cannot give is refused, as without it, so that tests
// can ask for too much.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
