// Which sanitizers this program is compiled with. GCC has a macro for each, Clang a feature.
#pragma once

#if defined(__has_feature)
#define TAPEGRAD_TEST_HAS_FEATURE(feature) __has_feature(feature)
#else
#define TAPEGRAD_TEST_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || TAPEGRAD_TEST_HAS_FEATURE(address_sanitizer)
inline constexpr bool has_address_sanitizer = true;
#else
inline constexpr bool has_address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || TAPEGRAD_TEST_HAS_FEATURE(thread_sanitizer)
inline constexpr bool has_thread_sanitizer = true;
#else
inline constexpr bool has_thread_sanitizer = false;
#endif

#undef TAPEGRAD_TEST_HAS_FEATURE

// These sanitizers keep memory that was freed, to find what still uses it. A program's memory then
// says nothing of what it holds itself.
inline constexpr bool freed_memory_is_kept = has_address_sanitizer || has_thread_sanitizer;
