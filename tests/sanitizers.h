// Which sanitizers this program is compiled with. GCC and Clang tell it in different ways.
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

// These keep what is freed, to find what uses it: how much memory a program holds says nothing then.
inline constexpr bool freed_memory_is_kept = has_address_sanitizer || has_thread_sanitizer;
