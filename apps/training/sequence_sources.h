// Batches of sessions for models of sequences.
#pragma once

#include <memory>
#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/sequence_model.h>
#include <tapegrad/apps/training/batch_source.h>

namespace tapegrad::apps {

struct SequenceSourceOptions {
  NextItemLossOptions loss{};
  Index batch = 64;  // sessions, or windows of them, side by side
  Index steps = 4;   // of a chunk: SessionParallelSource
  std::uint64_t seed = 1;
};
// What the options of a neural model say of its batches.
SequenceSourceOptions source_options(const ModelSettings& settings, std::uint64_t seed);

// In place of the next item where there is none: what losses leave out.
inline constexpr Index no_next_item = -100;

// The items that come next, and how much each weighs.
struct NextTargets {
  std::vector<Index> items;
  std::vector<double> weights;  // as many, or none: all weigh 1

  SequenceModel::NextItems view() const { return {items, weights}; }
};
// Collects what comes next in sessions whose types of events may weigh differently. The mean of the
// weights of all that can be a target is 1; what has no weight is no target.
class TargetWeights {
 public:
  explicit TargetWeights(const Sessions& sessions);
  void add(NextTargets& targets, const History& session, std::size_t place) const;
  // So many places without a target.
  void add_none(NextTargets& targets, std::size_t count) const;

 private:
  const Sessions& sessions_;
  double mean_ = 1.0;
};

// The sessions that can be learned from, which have two events or more, in their order.
std::vector<Index> usable_sessions(const Sessions& sessions);

// A SessionParallelSource for recurrent models, a WindowSource for others.
std::unique_ptr<BatchSource> make_sequence_source(const SequenceModel& model,
                                                  const Sessions& sessions,
                                                  const SequenceSourceOptions& options);

}  // namespace tapegrad::apps
