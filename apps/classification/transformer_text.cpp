#include <tapegrad/apps/classification/transformer_text.h>

#include <cmath>

#include <tapegrad/apps/classification/padded_texts.h>

namespace tapegrad::apps {

TransformerText::TransformerText(const Scope& scope, Index vocabulary, Index classes,
                                 const TransformerTextOptions& options)
    : TextNetwork(scope, options.width, classes, options.dropout),
      input_dropout_(options.input_dropout),
      embedding_(
          scope / "embedding", vocabulary, options.width,
          nn::EmbeddingOptions{
              .weight = nn::normal(0.0, 1.0 / std::sqrt(static_cast<double>(options.width)))}),
      layers_(scope, options.layers, options.width, options.heads,
              {.inner = 2 * options.width, .dropout = options.dropout, .norm_first = true}),
      pooling_(scope / "pooling", options.width, options.width) {}

Tensor TransformerText::encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                               const Tensor& strengths) const {
  const PaddedTexts padded(inputs, texts);
  const auto batch = static_cast<Index>(texts.size());
  const Tensor mask = tape.input(padded.is_token, {batch, padded.longest});
  // Vectors are scaled to the size of the positions, as the paper has it.
  Tensor embedded = embedding_(tape, padded.ids);
  if (strengths) embedded = embedded * padded.placed(tape, strengths);
  const Tensor vectors =
      reshape(embedded, {batch, padded.longest, width()}) * std::sqrt(static_cast<double>(width()));
  const Tensor placed = tapegrad::dropout(nn::SinusoidalPositions{}(vectors), input_dropout_);
  return pooling_(layers_(placed, mask), mask);
}

}  // namespace tapegrad::apps
