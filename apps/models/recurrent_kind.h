// Which recurrent layers a model has.
#pragma once

#include <memory>

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

enum class RecurrentKind { rnn, lstm, gru };

// So many layers under the name of their kind, with dropout between them. Where they are
// bidirectional, each direction is `hidden` wide.
std::unique_ptr<nn::Recurrent> make_recurrent(RecurrentKind kind, const Scope& scope, Index in,
                                              Index hidden, Index layers, double dropout,
                                              bool bidirectional = false);

}  // namespace tapegrad::apps
