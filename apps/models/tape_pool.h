// Tapes for threads that evaluate one model at once.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

class TapePool {
 public:
  // A cleared tape in evaluation mode, given back at the end.
  class Borrowed {
   public:
    explicit Borrowed(TapePool& pool) : pool_(pool) {
      {
        const std::lock_guard lock(pool_.mutex_);
        if (!pool_.tapes_.empty()) {
          tape_ = std::move(pool_.tapes_.back());
          pool_.tapes_.pop_back();
        }
      }
      if (!tape_) tape_ = std::make_unique<Tape>(TapeOptions{.threads = 1, .training = false});
      tape_->clear();
    }
    ~Borrowed() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.tapes_.push_back(std::move(tape_));
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Tape& operator*() { return *tape_; }

   private:
    TapePool& pool_;
    std::unique_ptr<Tape> tape_;
  };

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Tape>> tapes_;
};

}  // namespace tapegrad::apps
