// Convolutions over a text.
#pragma once

#include <vector>

#include <tapegrad/apps/classification/text_network.h>

namespace tapegrad::apps {

struct TextCnnOptions {
  Index embedding = 100;  // width of the vectors of tokens
  Index width = 100;      // filters of each kernel
  std::vector<Index> kernels = {3, 4, 5};
  double input_dropout = 0.2;  // of the vectors
  double dropout = 0.5;
};

// Of each filter the largest value over the text, in which a kernel may begin before the first
// token and end after the last: max over t of relu(w · x[t..t+k) + b). Source: Kim, "Convolutional
// neural networks for sentence classification", EMNLP 2014.
class TextCnn : public TextNetwork {
 public:
  TextCnn(const Scope& scope, Index vocabulary, Index classes, const TextCnnOptions& options);
  Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                const Tensor& strengths = {}) const override;

 private:
  TextCnnOptions options_;
  nn::Embedding embedding_;
  std::vector<nn::Conv1d> convolutions_;
};

}  // namespace tapegrad::apps
