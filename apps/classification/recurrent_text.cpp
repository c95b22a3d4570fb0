#include <tapegrad/apps/classification/recurrent_text.h>

#include <vector>

namespace tapegrad::apps {

RecurrentText::RecurrentText(const Scope& scope, Index vocabulary, Index classes,
                             const RecurrentTextOptions& options)
    : TextNetwork(scope, 2 * options.width, classes, options.dropout),
      input_dropout_(options.input_dropout),
      embedding_(scope / "embedding", vocabulary, options.embedding,
                 nn::EmbeddingOptions{.weight = nn::normal(0.0, 0.1)}),
      layers_(make_recurrent(options.kind, scope, options.embedding, options.width, options.layers,
                             options.dropout, true)),
      pooling_(scope / "pooling", 2 * options.width, options.width) {}

Tensor RecurrentText::encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                             const Tensor& strengths) const {
  std::vector<Index> lengths, ids;
  for (const Index text : texts) {
    const auto tokens = inputs.of(text);
    lengths.push_back(static_cast<Index>(tokens.size()));
    ids.insert(ids.end(), tokens.begin(), tokens.end());
  }
  if (ids.empty()) return tape.full({static_cast<Index>(texts.size()), width()}, 0.0);
  Tensor vectors = tapegrad::dropout(embedding_(tape, ids), input_dropout_);
  if (strengths) vectors = vectors * reshape(strengths, {static_cast<Index>(ids.size()), 1});
  return pooling_((*layers_)(nn::Sequences(vectors, lengths)).output);
}

}  // namespace tapegrad::apps
