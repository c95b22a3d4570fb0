// The options that recommenders are made and trained with, and their values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// One option: its name on the command line and in files, what it takes, and the phrase that help
// shows. Which models know it and what its defaults are stands in their rows (model_row.h).
struct ModelOption {
  enum class Kind {
    whole,   // a whole number within [least, greatest]
    number,  // a number within [least, greatest]
    word,    // one of `words`
    widths   // whole numbers within [least, greatest] with '-' between, such as 64-32
  };
  std::string_view name;
  Kind kind = Kind::number;
  double least = 0.0, greatest = 0.0;
  std::vector<std::string_view> words{};
  // Whether "auto" leaves the value to be chosen when the data are known.
  bool can_be_auto = false;
  // Whether what a model predicts depends on it after the training: then its file has it.
  bool is_kept = false;
  std::string_view help{};

  // The value as it is compared and kept. Throws OptionError, naming the option, for what it does
  // not take.
  std::string canonical(const std::string& text) const;
};

namespace model_options {
extern const ModelOption factors, dropout, input_dropout, id_dropout, hidden, loss, batch,
    negatives, lambda, alpha, sweeps, neighbours, shrinkage, weighting, window;
// All of them, in the order of the help.
const std::vector<const ModelOption*>& all();
}  // namespace model_options

// The values of one model's options.
class ModelSettings {
 public:
  // Throws OptionError as canonical() does.
  void set(const ModelOption& option, const std::string& text);

  bool has(const ModelOption& option) const { return values_.contains(option.name); }
  bool is_auto(const ModelOption& option) const { return text(option) == "auto"; }

  // These throw std::logic_error for an option that was not set.
  const std::string& text(const ModelOption& option) const;
  Index whole(const ModelOption& option) const;
  double number(const ModelOption& option) const;
  std::vector<Index> widths(const ModelOption& option) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// An option that a model knows.
struct OptionDefault {
  const ModelOption* option = nullptr;
  std::string_view value{};  // its default
  // What a model that is fitted at once tries on the validation part where the value is "auto".
  std::vector<std::string_view> grid{};
  // What `tune` draws from; those of the grid where this is empty.
  std::vector<std::string_view> tuned{};
};

// The same of an option of the training loop, by its name.
struct TunedLoopOption {
  std::string_view name;
  std::vector<std::string_view> values;
};

// Whether a model is trained to predict ratings.
bool has_squared_loss(const ModelSettings& settings);
// Whether a model is fitted to more than pairs: to ratings, or to the times of a window.
bool is_fitted_to_events(const ModelSettings& settings);

}  // namespace tapegrad::apps
