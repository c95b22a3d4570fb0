// Which tokens of a text moved a classifier.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/classification/text_classifier.h>
#include <tapegrad/apps/explanation/explanation.h>

namespace tapegrad::apps {

// The score is that of class_score.h.
struct TextExplanation {
  std::vector<std::string> tokens;  // of the text, in their order, as far as the model looks
  Explanation explanation;          // parts are InputKind::token
};

// Scores the text, and the text without each of its tokens in turn: a contribution is the first
// less the second. Throws DataError for a text without tokens.
TextExplanation explain_text_by_leaving_out(const TextClassifier& model, const std::string& text,
                                            std::size_t target, Index label, int threads);

// Integrated gradients, as in explain_by_gradients(), from tokens whose vectors are 0 to the tokens
// as they are. The vectors of an n-gram go with the mean strength of its tokens. Throws OptionError
// for a model that is no network.
TextExplanation explain_text_by_gradients(const TextClassifier& model, const std::string& text,
                                          std::size_t target, Index label, int steps = 64);

// A page: the tokens one after another, green where they speak for the class and red where they
// speak against it, the stronger the deeper.
std::string to_html(const TextExplanation& explanation, const std::string& title);

}  // namespace tapegrad::apps
