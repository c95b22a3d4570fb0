// Batches made by another thread while one is trained on.
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <utility>

namespace tapegrad::apps {

// One batch ahead, in their order: what the batches are does not depend on the threads.
template <class Batch>
class Prefetch {
 public:
  // Makes the next batch; nothing at the end.
  using Make = std::function<std::optional<Batch>()>;

  void start(Make make) {
    stop();
    make_ = std::move(make);
    next_ = std::async(std::launch::async, make_);
  }
  // Waits for the batch that is being made and drops it: what it is made from may change then.
  void stop() {
    if (next_.valid()) next_.wait();
    next_ = {};
  }
  // Goes to the next batch; false at the end, which leaves `batch` as it is. Throws what making it
  // threw.
  bool next(Batch& batch) {
    if (!next_.valid()) return false;
    std::optional<Batch> made = next_.get();
    if (!made) return false;
    batch = std::move(*made);
    next_ = std::async(std::launch::async, make_);
    return true;
  }
  ~Prefetch() { stop(); }

 private:
  Make make_;
  std::future<std::optional<Batch>> next_;
};

}  // namespace tapegrad::apps
