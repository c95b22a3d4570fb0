// Normalisation over the batch.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

struct BatchNormOptions {
  double epsilon = 1e-5;
  // The momentum of the running statistics: running ← (1 - momentum)·running + momentum·batch.
  double momentum = 0.1;
  bool affine = true;
};

//   y = (x - mean) / √(variance + ε) · weight + bias,   each channel by itself
// In training mode with the batch's moments, which also move the running ones after each backward()
// (the variance without bias, as in PyTorch); in evaluation mode with the running ones. Parameters
// "weight" (ones), "bias" (zeros) and, frozen, "running_mean" and "running_var", all [channels].
// Source: Ioffe & Szegedy, ICML 2015.
class BatchNorm {
 public:
  // Moves are copies: one that was moved from stays what it was.
  BatchNorm(const BatchNorm&) = default;
  BatchNorm& operator=(const BatchNorm&) = default;
  // Throws ShapeError in training for fewer than two values a channel.
  Tensor operator()(const Located& x) const;

 protected:
  BatchNorm(const Scope& scope, Index channels, std::initializer_list<int> ranks,
            const BatchNormOptions& options);

 private:
  std::string path_;
  std::vector<int> ranks_;
  BatchNormOptions options_;
  const Parameter* weight_ = nullptr;
  const Parameter* bias_ = nullptr;
  Parameter* mean_;
  Parameter* variance_;
};

// x [batch, channels] or [batch, channels, length].
class BatchNorm1d : public BatchNorm {
 public:
  BatchNorm1d(const Scope& scope, Index channels, const BatchNormOptions& options = {})
      : BatchNorm(scope, channels, {2, 3}, options) {}
};

// x [batch, channels, height, width].
class BatchNorm2d : public BatchNorm {
 public:
  BatchNorm2d(const Scope& scope, Index channels, const BatchNormOptions& options = {})
      : BatchNorm(scope, channels, {4}, options) {}
};

}  // namespace tapegrad::nn
