// A moving average of the parameters over the steps of training, to evaluate in their place.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tapegrad/graph/parameters.h>

namespace tapegrad::optim {

class RowState;

struct AverageOptions {
  double decay = 0.999;  // of one step
  int every = 1;  // steps between two looks at the parameters, which then count that many times
};

// average ← d·average + (1 - d)·parameter, with d = min(decay, (1 + t)/(10 + t)) at step t, so that
// the first numbers are soon forgotten.
//
// A table whose optimizer follows it row by row has its average followed there (row_state.h): a
// look costs nothing, and a row's average is computed when the row has a gradient again, or is
// read, with the formula's numbers to rounding and bits that do not depend on when it is read. So a
// step costs what its rows cost. Other parameters that changed are read whole. A second average of
// one table reads it whole.
//
// The parameters must live as long as the average is used; it may outlive them.
class ExponentialMovingAverage {
 public:
  // Starts from the parameters as they are. Throws ValueError for a decay outside [0, 1) or `every`
  // below 1.
  ExponentialMovingAverage(const Parameters& parameters, const AverageOptions& options);
  ~ExponentialMovingAverage();
  // One that was moved from is of no parameters: update() and exchange() throw.
  ExponentialMovingAverage(ExponentialMovingAverage&& other) noexcept;
  ExponentialMovingAverage& operator=(ExponentialMovingAverage&& other) noexcept;

  // After each step. Throws ValueError for other parameters than those it was made of, and between
  // two exchanges.
  void update(const Parameters& parameters);
  // Exchanges the averages, with all updates in them, and the parameters; a second call exchanges
  // them back, and the parameters are as they were at the first.
  void exchange(Parameters& parameters);

  std::uint64_t steps() const { return steps_; }

  // For checkpoints; an optimizer's state belongs to it, and is to be saved and restored with it.
  Parameters::Snapshot averages() const;
  std::uint64_t steps_in() const { return steps_in_; }
  // Throws ValueError, and leaves all as it was, unless the averages have the parameters' shapes
  // and types.
  void restore(Parameters::Snapshot averages, std::uint64_t steps, std::uint64_t steps_in);

  // Rows of parameters that looks have read: what they cost.
  std::uint64_t rows_read() const { return rows_read_; }

 private:
  struct Item {
    Shape shape;
    Dtype dtype = Dtype::float32;
    Array average;                   // unless it is followed by rows
    std::shared_ptr<RowState> rows;  // who follows it
    // Whether it equals the parameter at that version, and nothing is to be done while that stays.
    bool equal = true;
    std::uint64_t version = 0;
  };

  void check(const Parameters& parameters) const;
  void follow_all(const Parameters& parameters);
  void follow(Item& item, const Parameter& parameter);
  void look(const Parameters& parameters);
  void look_at(Item& item, const Parameter& parameter, double decay);

  AverageOptions options_;
  std::uint64_t parameters_ = 0;  // their serial
  std::vector<Item> items_;       // by the parameter's index
  std::uint64_t steps_ = 0;
  std::uint64_t steps_in_ = 0;  // the averages, so far
  std::uint64_t rows_read_ = 0;
  Parameters::Snapshot exchanged_;  // the parameters, while the averages are in their place
  bool is_exchanged_ = false;
  std::shared_ptr<const char> identity_;  // what the followers know it by
};

}  // namespace tapegrad::optim
