// A trained model of texts.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/counted_text.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/classification/text_encoder.h>
#include <tapegrad/apps/classification/text_network.h>

namespace tapegrad::apps {

struct TextClassifier : StoredClassifier {  // of text_row.h
  std::vector<std::string> text_columns;  // of the training, by name; none where they had no names
  // Of a network.
  TextEncoder encoder;
  std::unique_ptr<TextNetwork> network;
  // Of a model of counts.
  std::optional<CountedText> counted;
};

// The tokens of a text that count.
std::vector<std::string> tokens_of(const TextClassifier& model, Tokeniser& tokeniser,
                                   const std::string& text);
// How the model cuts texts.
const Cutting& cutting_of(const TextClassifier& model);

// The outputs of texts, [texts, model.width()], which are given as their tokens, or as they are.
std::vector<double> token_outputs(const TextClassifier& model,
                                  std::span<const std::vector<std::string>> texts, int threads);
std::vector<double> text_outputs(const TextClassifier& model, std::span<const std::string> texts,
                                 int threads);

// What the last layer of a network reads of texts, [texts, model.network->width()].
std::vector<double> text_vectors(const TextClassifier& model, std::span<const std::string> texts,
                                 int threads);

// Throws OptionError and DataError as save_sealed() does.
void save_text_classifier(const std::string& path, const TextClassifier& model);
// Throws Error for a file that is none of a text classifier.
TextClassifier load_text_classifier(const std::string& path);

}  // namespace tapegrad::apps
