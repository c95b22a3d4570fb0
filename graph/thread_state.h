// Settings of a thread that a run needs, given back at its end.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace tapegrad {

// While it lives, this thread flushes denormal numbers to zero: without it the bits would depend on
// which thread computes, since pool threads and the caller's may differ.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : outer_(_mm_getcsr()) {
    if ((outer_ & bits) != bits) _mm_setcsr(outer_ | bits);
  }
  ~FlushDenormals() {
    if ((outer_ & bits) != bits) _mm_setcsr(outer_);
  }

 private:
  static constexpr unsigned bits = 0x8040;  // flush to zero, denormals are zero
  unsigned outer_;

 public:
#else
  FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace tapegrad
