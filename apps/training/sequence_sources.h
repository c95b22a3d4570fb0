// Batches of sessions for models of sequences.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/models/recurrent_next.h>
#include <tapegrad/apps/models/sasrec.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/prefetch.h>

namespace tapegrad::apps {

enum class SequenceLoss { softmax, bpr_max };

struct SequenceSourceOptions {
  SequenceLoss loss = SequenceLoss::softmax;
  Index batch = 64;             // sessions side by side
  Index steps = 4;              // of a chunk; recurrent models only
  Index negatives = 512;        // sampled for a batch by popularity^¾; bpr-max only
  double regularisation = 0.5;  // bpr-max
  std::uint64_t seed = 1;
};
// What the options of a neural model say of its batches; what its row does not know has the value
// above.
SequenceSourceOptions source_options(const ModelSettings& settings, std::uint64_t seed);

// For recurrent models: sessions side by side in so many lanes, each followed by another when it
// ends, in chunks of a few steps; the states are carried over, the gradients are not. Source:
// Hidasi et al., ICLR 2016, section 3.1.1.
class SessionParallelSource : public BatchSource {
 public:
  SessionParallelSource(const RecurrentNext& model, const Sessions& sessions,
                        const SequenceSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override { return epoch_samples_; }
  Index samples() const override { return batch_.samples; }
  Tensor loss(Tape& tape) override;
  void computed() override { carried_.take(); }
  std::map<std::string, Array> state() const override { return carried_.values(); }
  void restore(const std::map<std::string, Array>& state) override;

 private:
  struct Batch {
    std::vector<Index> items, next, negatives;
    std::vector<float> keep;
    Index samples = 0;
  };
  struct Lane {
    Index session = -1;
    std::size_t place = 0;
  };
  std::optional<Batch> make();

  const RecurrentNext& model_;
  const Sessions& sessions_;
  SequenceSourceOptions options_;
  std::vector<double> popularity_;  // running sums
  Index epoch_samples_ = 0;
  std::vector<Index> order_;
  std::size_t taken_ = 0;  // of the order
  std::vector<Lane> lanes_;
  Random random_{0};
  Batch batch_;
  nn::CarriedState carried_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

// For self-attention: whole sessions, as far as the model looks back; a loss at every item that has
// a next one.
class WholeSessionSource : public BatchSource {
 public:
  WholeSessionSource(const SasRec& model, const Sessions& sessions,
                     const SequenceSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override { return epoch_samples_; }
  Index samples() const override { return batch_.samples; }
  Tensor loss(Tape& tape) override;

 private:
  struct Batch {
    SasRec::Padded histories;
    std::vector<Index> rows, next;  // of the states those that are judged, and what came next
    Index samples = 0;
  };
  std::optional<Batch> make();

  const SasRec& model_;
  const Sessions& sessions_;
  SequenceSourceOptions options_;
  Index epoch_samples_ = 0;
  std::vector<Index> order_;
  std::size_t taken_ = 0;
  Batch batch_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

std::unique_ptr<BatchSource> make_sequence_source(const SequenceModel& model,
                                                  const Sessions& sessions,
                                                  const SequenceSourceOptions& options);

}  // namespace tapegrad::apps
