#include <tapegrad/apps/classification/text_cnn.h>

#include <string>

#include <tapegrad/apps/classification/padded_texts.h>

namespace tapegrad::apps {

TextCnn::TextCnn(const Scope& scope, Index vocabulary, Index classes, const TextCnnOptions& options)
    : TextNetwork(scope, options.width * static_cast<Index>(options.kernels.size()), classes,
                  options.dropout),
      options_(options),
      embedding_(scope / "embedding", vocabulary, options.embedding,
                 nn::EmbeddingOptions{.weight = nn::normal(0.0, 0.1)}) {
  for (const Index kernel : options.kernels)
    convolutions_.emplace_back(scope / ("conv" + std::to_string(kernel)), options.embedding,
                               options.width, kernel, nn::Conv1dOptions{.padding = kernel - 1});
}

Tensor TextCnn::encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                       const Tensor& strengths) const {
  const auto batch = static_cast<Index>(texts.size());
  const PaddedTexts padded(inputs, texts);
  const Index longest = padded.longest;
  const Tensor vectors = tapegrad::dropout(embedding_(tape, padded.ids), options_.input_dropout) *
                         (strengths ? padded.placed(tape, strengths)
                                    : tape.input(padded.is_token, {batch * longest, 1}));
  const Tensor channels = transpose(reshape(vectors, {batch, longest, options_.embedding}));
  std::vector<Tensor> largest;
  for (std::size_t k = 0; k < convolutions_.size(); ++k) {
    // Where a kernel sees padding alone, longer texts beside this one must not change it: such
    // places count as 0, which is what relu gives at the least.
    const Index places = longest + options_.kernels[k] - 1;
    std::vector<double> sees;
    for (const Index text : texts) {
      const auto own = static_cast<Index>(inputs.of(text).size());
      const Index seen = own == 0 ? 0 : own + options_.kernels[k] - 1;
      sees.insert(sees.end(), static_cast<std::size_t>(seen), 1.0);
      sees.insert(sees.end(), static_cast<std::size_t>(places - seen), 0.0);
    }
    largest.push_back(
        max(relu(convolutions_[k](channels)) * tape.input(sees, {batch, 1, places}), -1));
  }
  return concatenate(largest);
}

}  // namespace tapegrad::apps
