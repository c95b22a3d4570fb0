// Text that a model of language writes.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/models/language_model.h>

namespace tapegrad::apps {

struct SamplingOptions {
  // The logits are divided by it: below 1 the likely comes more often; 0: always the likeliest.
  double temperature = 1.0;
  Index top_k = 0;  // only so many of the likeliest are drawn from; 0: all
  // Only the likeliest are drawn from that together have this probability or more. Source: Holtzman
  // et al., "The curious case of neural text degeneration", ICLR 2020.
  double top_p = 1.0;
};

// One unit by its logits: `uniform` within [0, 1) draws it. `forbidden` is not drawn. Of equal
// logits the first counts as the likelier.
Index draw_unit(std::span<const float> logits, const SamplingOptions& options, double uniform,
                Index forbidden);

// Reads a beginning and goes on with it; a function of the model, the options, the seed and what it
// read. The unknown unit is never written.
class TextWriter {
 public:
  // The model must outlive it, and its parameters must not change.
  TextWriter(const StoredLanguageModel& model, const SamplingOptions& options, std::uint64_t seed);
  void read(std::span<const std::int32_t> units);
  // The next unit, which counts as read. Something must have been read before.
  Index write();

 private:
  const StoredLanguageModel& model_;
  SamplingOptions options_;
  Random random_;
  Tape tape_;
  nn::CarriedState carried_;
  std::vector<float> logits_;  // of what comes next
};

}  // namespace tapegrad::apps
