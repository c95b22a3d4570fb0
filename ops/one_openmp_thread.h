// oneDNN on the calling thread alone.
#pragma once

// OpenMP's own interface, which its header declares in the same way; the header is not on every
// compiler's path.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int count);
}

namespace tapegrad {

// While it lives, OpenMP, and so oneDNN, starts no threads beside oneTBB's. The setting is the
// calling thread's alone and is given back.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : outer_(omp_get_max_threads()) {
    if (outer_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (outer_ != 1) omp_set_num_threads(outer_);
  }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  int outer_;
};

}  // namespace tapegrad
