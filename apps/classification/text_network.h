// What all networks that classify texts are.
#pragma once

#include <span>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/classification/text_inputs.h>

namespace tapegrad::apps {

class TextNetwork {
 public:
  virtual ~TextNetwork() = default;
  // One vector for each of the texts, by their numbers: [texts, width()]. A text without tokens has
  // one, too, and what a text has does not depend on the others. `strengths` [tokens of the texts],
  // if any, multiply the vectors of the tokens.
  virtual Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                        const Tensor& strengths = {}) const = 0;
  // [texts, classes].
  Tensor logits(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                const Tensor& strengths = {}) const {
    return output_(dropout(encode(tape, inputs, texts, strengths), dropout_));
  }
  Index width() const { return width_; }

 protected:
  // Dropout lies before the last layer, "output".
  TextNetwork(const Scope& scope, Index width, Index classes, double dropout)
      : width_(width), dropout_(dropout), output_(scope / "output", width, classes) {}
  TextNetwork(const TextNetwork&) = default;
  TextNetwork& operator=(const TextNetwork&) = default;

 private:
  Index width_;
  double dropout_;
  nn::Linear output_;
};

}  // namespace tapegrad::apps
