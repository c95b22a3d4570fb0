// The workloads of tg-bench: full training steps, defined by what they compute so that other
// frameworks can run the same.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/tapegrad.h>

namespace bench {

namespace tg = tapegrad;

// One training step after another: clear the tape, take the inputs anew, record through the public
// interface, backward, update.
class Workload {
 public:
  explicit Workload(const tg::TapeOptions& options) : tape_(options) {}
  virtual ~Workload() = default;

  // Returns what was done, in the workload's units.
  tg::Index step();
  // Only the recording of a step, for timing it.
  void record_only() { loss_ = record(tape_); }
  // The loss of the last step.
  double loss() const { return loss_.item(); }
  tg::Tape& tape() { return tape_; }
  const tg::Parameters& parameters() const { return parameters_; }

  // Starts from a file of parameters ("param.NAME") and inputs ("input.NAME") instead of random
  // ones.
  void load(const tg::nn::WeightFile& file);

 protected:
  virtual tg::Tensor record(tg::Tape& tape) = 0;
  virtual void update(tg::Gradients&) {}
  virtual void set_inputs(const std::map<std::string, tg::Array>& inputs) = 0;

  tg::Parameters parameters_{0};
  tg::Random random_{1};
  tg::Index units_ = 0;  // of the step that was recorded

 private:
  tg::Tape tape_;
  tg::Tensor loss_;
};

struct Entry {
  std::string_view name;
  std::string_view unit;
  std::unique_ptr<Workload> (*make)(const tg::TapeOptions& options);
};

// All workloads.
std::vector<Entry> workloads();

std::unique_ptr<Workload> make_op_overhead(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_mlp_recommender(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_neumf(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_lstm_custom(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_lstm_varying(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_tree_lstm(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_rnn_next_item(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_gru_sessions(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_lstm_chars(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_lstm_lm(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_lstm_online(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_sasrec(const tg::TapeOptions& options);
std::unique_ptr<Workload> make_cnn_products(const tg::TapeOptions& options);

// Random inputs.
std::vector<float> uniform(tg::Random& random, tg::Index count);
std::vector<tg::Index> ids(tg::Random& random, tg::Index count, tg::Index below);
// Rows of a batch [batch, time] as [time, batch].
std::vector<tg::Index> time_first(const std::vector<tg::Index>& values, tg::Index batch,
                                  tg::Index time);
// Inputs of a file.
std::vector<float> floats(const std::map<std::string, tg::Array>& inputs, const std::string& name);
std::vector<tg::Index> integers(const std::map<std::string, tg::Array>& inputs,
                                const std::string& name);

}  // namespace bench
