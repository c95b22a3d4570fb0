#include <tapegrad/apps/models/model_options.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {
namespace {

using Kind = ModelOption::Kind;

// A number among the settings that files of all models have.
template <class Value>
ModelOption option_of(const Setting<Value>& setting, Kind kind, std::string_view help) {
  return {.name = setting.name,
          .kind = kind,
          .least = static_cast<double>(setting.least),
          .greatest = static_cast<double>(setting.greatest),
          .is_kept = true,
          .help = help};
}

std::string canonical_whole(const ModelOption& option, const std::string& text) {
  const std::string name(option.name);
  const Setting<std::int64_t> setting{name.c_str(), static_cast<std::int64_t>(option.least),
                                      static_cast<std::int64_t>(option.greatest)};
  return std::to_string(setting.parse(text));
}

std::string canonical_number(const ModelOption& option, const std::string& text) {
  const std::string name(option.name);
  const Setting<double> setting{name.c_str(), option.least, option.greatest};
  return fmt::format("{}", setting.parse(text));
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char character : text) {
    if (character == '-')
      parts.emplace_back();
    else
      parts.back() += character;
  }
  return parts;
}

}  // namespace

std::string ModelOption::canonical(const std::string& text) const {
  if (can_be_auto && text == "auto") return text;
  switch (kind) {
    case Kind::whole:
      return canonical_whole(*this, text);
    case Kind::number:
      return canonical_number(*this, text);
    case Kind::widths: {
      std::vector<std::string> widths;
      for (const std::string& part : parts_of(text)) widths.push_back(canonical_whole(*this, part));
      constexpr std::size_t most = 16;
      if (widths.size() > most)
        throw OptionError(
            fmt::format("{} must be at most {} widths, got {}", name, most, widths.size()));
      return fmt::format("{}", fmt::join(widths, "-"));
    }
    case Kind::word:
      break;
  }
  if (std::ranges::find(words, text) == words.end())
    throw OptionError(
        fmt::format("{} must be one of {}, got {}", name, fmt::join(words, ", "), in_quotes(text)));
  return text;
}

namespace model_options {

const ModelOption factors =
    option_of(settings::factors, Kind::whole,
              "width of the embeddings, from 1 to 4096: what a user and an item are known by");
const ModelOption hidden{.name = "hidden",
                         .kind = Kind::widths,
                         .least = 1,
                         .greatest = 65536,
                         .is_kept = true,
                         .help = "widths of the hidden layers, such as 64-32"};
const ModelOption dropout =
    option_of(settings::dropout, Kind::number,
              "part of the hidden numbers that is dropped while training, from 0 to 0.99");
const ModelOption input_dropout{
    .name = "input-dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .help =
        "part of a history that is hidden while training, so that the model learns to predict "
        "what is not there, from 0 to 0.99"};
const ModelOption id_dropout{
    .name = "id-dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .help =
        "how often what is known of a user or an item by its id is hidden while training, so "
        "that features learn to stand alone, from 0 to 0.99"};
const ModelOption loss{
    .name = "loss",
    .kind = Kind::word,
    .words = {"softmax", "sampled-softmax", "pointwise", "sigmoid", "squared"},
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "softmax over all items, sampled-softmax over the positive and sampled items, pointwise "
        "(cross-entropy of a pair against sampled ones), sigmoid (cross-entropy of each item by "
        "itself) or squared (the error of predicted ratings: mf alone)"};
const ModelOption batch{.name = "batch",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1 << 20,
                        .can_be_auto = true,
                        .help =
                            "how many make a batch: pairs with the pointwise loss (negatives among "
                            "them) and the sampled softmax, ratings with the squared loss, users "
                            "with the softmax and the sigmoid loss"};
const ModelOption negatives{.name = "negatives",
                            .kind = Kind::whole,
                            .least = 1,
                            .greatest = 65536,
                            .can_be_auto = true,
                            .help =
                                "sampled items: for each pair with the pointwise loss, for each "
                                "batch with the sampled softmax"};
const ModelOption lambda = [] {
  ModelOption option =
      option_of(settings::lambda, Kind::number, "weight of the regularisation, from 1e-6 to 1e12");
  option.can_be_auto = true;
  return option;
}();
const ModelOption alpha{.name = "alpha",
                        .kind = Kind::number,
                        .least = 1e-9,
                        .greatest = 1e9,
                        .can_be_auto = true,
                        .is_kept = true,
                        .help =
                            "weight of the items that a user does not have, against 1 for those "
                            "that it has"};
const ModelOption sweeps{.name = "sweeps",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 10000,
                         .help = "how often all users and all items are solved for"};
const ModelOption neighbours{.name = "neighbours",
                             .kind = Kind::whole,
                             .least = 1,
                             .greatest = 1 << 20,
                             .can_be_auto = true,
                             .is_kept = true,
                             .help = "how many similar items are kept for each item"};
const ModelOption shrinkage{.name = "shrinkage",
                            .kind = Kind::number,
                            .least = 0.0,
                            .greatest = 1e9,
                            .can_be_auto = true,
                            .is_kept = true,
                            .help =
                                "added to the norm of a cosine, so that items with few events "
                                "are not similar by chance"};
const ModelOption weighting{.name = "weighting",
                            .kind = Kind::word,
                            .words = {"cosine", "bm25"},
                            .can_be_auto = true,
                            .is_kept = true,
                            .help =
                                "how events weigh in the similarity of items: cosine (all the "
                                "same) or bm25 (those of users with few events more)"};
const ModelOption window{.name = "window",
                         .kind = Kind::number,
                         .least = 1e-3,
                         .greatest = 1e6,
                         .can_be_auto = true,
                         .help = "days before the last event that count; auto: all"};

const std::vector<const ModelOption*>& all() {
  static const std::vector<const ModelOption*> list = {
      &factors, &hidden, &dropout, &input_dropout, &id_dropout, &loss,      &batch, &negatives,
      &lambda,  &alpha,  &sweeps,  &neighbours,    &shrinkage,  &weighting, &window};
  return list;
}

}  // namespace model_options

void ModelSettings::set(const ModelOption& option, const std::string& text) {
  values_.insert_or_assign(std::string(option.name), option.canonical(text));
}

const std::string& ModelSettings::text(const ModelOption& option) const {
  const auto found = values_.find(option.name);
  if (found == values_.end())
    throw std::logic_error(fmt::format("the model has no option {}", option.name));
  return found->second;
}

Index ModelSettings::whole(const ModelOption& option) const { return std::stoll(text(option)); }

double ModelSettings::number(const ModelOption& option) const {
  double value = 0.0;
  const std::string& own = text(option);
  std::from_chars(own.data(), own.data() + own.size(), value);
  return value;
}

std::vector<Index> ModelSettings::widths(const ModelOption& option) const {
  std::vector<Index> widths;
  for (const std::string& part : parts_of(text(option))) widths.push_back(std::stoll(part));
  return widths;
}

bool has_squared_loss(const ModelSettings& settings) {
  return settings.has(model_options::loss) && settings.text(model_options::loss) == "squared";
}

bool is_fitted_to_events(const ModelSettings& settings) {
  const bool has_window =
      settings.has(model_options::window) && !settings.is_auto(model_options::window);
  return has_window || has_squared_loss(settings);
}

}  // namespace tapegrad::apps
