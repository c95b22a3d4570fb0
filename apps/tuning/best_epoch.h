// The best epoch of a trial.
#pragma once

#include <functional>
#include <tuple>

#include <tapegrad/apps/training/training_loop.h>
#include <tapegrad/apps/tuning/successive_halving.h>

namespace tapegrad::apps {

class BestEpoch {
 public:
  // After each epoch. Throws TimeIsUp when the time is over, except after the first one.
  void add(const Judgement& judgement, const std::function<bool()>& is_over) {
    if (epochs_ > 0 && is_over()) throw TimeIsUp("the time is up");
    ++epochs_;
    if (epochs_ == 1 || std::tie(judgement.value, judgement.among_equals) >
                            std::tie(best_.value, best_.among_equals))
      best_ = {judgement.value, judgement.among_equals, epochs_, judgement.text};
  }
  const TrialOutcome& outcome() const { return best_; }

 private:
  TrialOutcome best_;
  int epochs_ = 0;
};

}  // namespace tapegrad::apps
