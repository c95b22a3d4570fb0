#include <tapegrad/apps/models/recurrent_kind.h>

namespace tapegrad::apps {

std::unique_ptr<nn::Recurrent> make_recurrent(RecurrentKind kind, const Scope& scope, Index in,
                                              Index hidden, Index layers, double dropout,
                                              bool bidirectional) {
  const nn::RecurrentOptions options{
      .layers = layers, .bidirectional = bidirectional, .dropout = layers > 1 ? dropout : 0.0};
  switch (kind) {
    case RecurrentKind::lstm:
      return std::make_unique<nn::Lstm>(scope / "lstm", in, hidden, options);
    case RecurrentKind::gru:
      return std::make_unique<nn::Gru>(scope / "gru", in, hidden, options);
    case RecurrentKind::rnn:
      break;
  }
  return std::make_unique<nn::Rnn>(scope / "rnn", in, hidden, nn::RnnActivation::tanh, options);
}

}  // namespace tapegrad::apps
