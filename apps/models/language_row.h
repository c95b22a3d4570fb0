// The models of language: their options and defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/text_units.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/next_item_loss.h>
#include <tapegrad/apps/models/recurrent_kind.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

namespace language_options {
extern const ModelOption embedding, tied, input_dropout;
// Those that models of sequences do not know, in the order of the help.
const std::vector<const ModelOption*>& own();
// All that a model of language knows.
const std::vector<const ModelOption*>& all();
}  // namespace language_options

struct LanguageRow {
  std::string_view name;  // as of the recurrent models of sequences
  std::vector<OptionDefault> options;
  RecurrentKind kind;
  LoopOptions loop;
};

const std::vector<LanguageRow>& language_rows();
// Throws OptionError for a model that does not carry a state through a text.
const LanguageRow& language_row(const std::string& name);

// The settings with what is "auto" decided: words are tied and as wide as the state, characters are
// not tied and at most 64 wide. Options that the data decide in other tasks have the row's default.
ModelSettings decided(const LanguageRow& row, const ModelSettings& settings, TextUnit unit);

// Of settings that are decided. Throws OptionError for a loss other than the softmax, whole or
// sampled: a model that minimises another one gives no probabilities.
NextItemLossOptions language_loss(const ModelSettings& settings);

struct LanguageModelOptions {
  RecurrentKind kind = RecurrentKind::lstm;
  Index width = 256;     // of the hidden states
  Index embedding = 64;  // width of the vectors of units
  Index layers = 2;
  bool tied = false;  // whether these vectors are the weights of the output, too
  double dropout = 0.0, input_dropout = 0.0;
};
// Of settings that are decided.
LanguageModelOptions language_model_options(const LanguageRow& row, const ModelSettings& settings);

}  // namespace tapegrad::apps
