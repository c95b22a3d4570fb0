// A program of its own, for it replaces malloc: a step whose plan is known allocates nothing, on
// any thread. What oneTBB, oneDNN and OpenMP take for themselves is theirs.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "allocation_counter.h"
#include "graph_test_tools.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include <dlfcn.h>
#include <execinfo.h>

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};
thread_local bool looking = false;

bool ours(const void* caller) {
  Dl_info info;
  if (dladdr(caller, &info) == 0 || info.dli_fname == nullptr) return true;
  for (const char* library : {"libtbb", "libdnnl", "libgomp", "ld-linux"}) {
    if (std::strstr(info.dli_fname, library) != nullptr) return false;
  }
  return true;
}

void note(const void* caller) {
  if (!counting.load(std::memory_order_relaxed) || looking) return;
  looking = true;
  if (ours(caller)) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (std::getenv("TAPEGRAD_SHOW_ALLOCATIONS") != nullptr) {
      void* frames[24];
      backtrace_symbols_fd(frames, backtrace(frames, 24), 2);
    }
  }
  looking = false;
}

}  // namespace

// What the dynamic linker would have taken instead of these.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* place, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
  note(__builtin_return_address(0));
  return __libc_malloc(bytes);
}
void* calloc(std::size_t number, std::size_t bytes) {
  note(__builtin_return_address(0));
  return __libc_calloc(number, bytes);
}
void* realloc(void* place, std::size_t bytes) {
  note(__builtin_return_address(0));
  return __libc_realloc(place, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** place, std::size_t alignment, std::size_t bytes) {
  note(__builtin_return_address(0));
  *place = __libc_memalign(alignment, bytes);
  return *place == nullptr ? 12 : 0;
}
}

namespace allocation_counter {
void start() { counting = true; }
void stop() { counting = false; }
long count() { return allocations.load(); }
}  // namespace allocation_counter

// The standard library's would call malloc on our behalf; these know who asked.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  note(__builtin_return_address(0));
  if (void* place = __libc_malloc(bytes)) return place;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  note(__builtin_return_address(0));
  if (void* place = __libc_memalign(static_cast<std::size_t>(alignment), bytes)) return place;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t bytes) { return operator new(bytes); }
[[gnu::noinline]] void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return operator new(bytes, alignment);
}
[[gnu::noinline]] void operator delete(void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, std::size_t) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, std::size_t, std::align_val_t) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete[](void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete[](void* place, std::size_t) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete[](void* place, std::align_val_t) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete[](void* place, std::size_t, std::align_val_t) noexcept {
  std::free(place);
}

TEST_CASE("allocations are counted") {
  counting = true;
  void* volatile place = std::malloc(10);
  auto* volatile number = new int(3);
  counting = false;
  delete number;
  std::free(place);
  CHECK(allocations.load() == 2);
}

TEST_CASE("a step whose plan is known allocates nothing, on any thread") {
  struct Case {
    const char* name;
    tg::Index rows, width;
    int threads;
  };
  for (const Case& one : {Case{"small", 4, 8, 1}, Case{"small, 2 threads", 4, 8, 2},
                          Case{"large", 300, 200, 1}, Case{"large, 2 threads", 300, 200, 2}}) {
    CAPTURE(std::string(one.name));
    tg::Parameters parameters(1);
    const tg::Parameter& table = parameters.add("table", {50, one.width}, graph_test::uniform());
    const tg::Parameter& weight =
        parameters.add("weight", {one.width, one.width}, graph_test::uniform(-0.1, 0.1));
    const tg::Parameter& bias = parameters.add("bias", {one.width}, graph_test::uniform());
    tg::Tape tape({.threads = one.threads});
    std::vector<tg::Index> ids(static_cast<std::size_t>(one.rows));
    double loss = 0.0, norm = 0.0;
    for (int step = 0; step < 12; ++step) {
      for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = static_cast<tg::Index>((i * 7 + static_cast<std::size_t>(step)) % 50);
      const long before = allocations.load();
      counting = step >= 8;
      {
        tape.clear();
        const tg::LayerScope scope(tape, "model");
        tg::Tensor x = tg::gather_rows(tape(table), tape.ids(std::span<const tg::Index>(ids)));
        for (int i = 0; i < 3; ++i)
          x = tg::tanh(tg::matmul(x, tape(weight)) + tape(bias)) * (1.0 - 0.1 * step);
        const tg::Tensor sum =
            tg::matmul(tg::slice(x, 0, 0, 2), tg::slice(x, 0, 1, 3), {.left = true});
        const tg::Tensor total = tg::mean(tg::softmax(x)) + tg::mean(tg::square(sum));
        const tg::Gradients gradients = tg::backward(total);
        norm = gradients.norm();
        loss = total.values()[0];
      }
      counting = false;
      CAPTURE(step);
      CHECK(allocations.load() - before == 0);
    }
    CHECK(std::isfinite(loss + norm));
    CHECK(tape.runner().misses() == 1);
  }
}
