// tg-sequence generate
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_split.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/text_writer.h>

#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description generate_description() {
  po::options_description all =
      options_group("tg-sequence generate: writes text with a model of language");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train --task language wrote it (required)")(
      "prompt", po::value<std::string>()->value_name("TEXT"),
      "how the text begins; default: with a new line")(
      "length", po::value<Index>()->value_name("N")->default_value(200),
      "how many words or characters are written, from 1 on")(
      "temperature", po::value<double>()->value_name("NUMBER")->default_value(1.0),
      "what the logits are divided by: below 1 the likely comes more often; 0: always the "
      "likeliest")("top-k", po::value<Index>()->value_name("N")->default_value(0),
                   "how many of the likeliest words or characters are drawn from; 0: all")(
      "top-p", po::value<double>()->value_name("NUMBER")->default_value(1.0),
      "only the likeliest are drawn from that together have this probability (nucleus sampling), "
      "above 0 to 1")("seed", po::value<std::int64_t>()->value_name("N")->default_value(1),
                      "the seed of what is drawn; 0 or more")(
      "quiet", "do not print what the model was trained on")("json",
                                                             "print a JSON object instead of text");
  return all;
}

SamplingOptions sampling_options(const po::variables_map& given) {
  SamplingOptions options;
  options.temperature = bounded(given, "temperature", 0.0, 1e6);
  options.top_k = bounded(given, "top-k", Index{0}, Index{1} << 30);
  options.top_p = bounded(given, "top-p", 0.0, 1.0);
  if (options.top_p == 0.0) throw OptionError("--top-p must be above 0, to 1, got 0");
  if (options.temperature == 0.0) {
    for (const char* name : {"top-k", "top-p", "seed"}) {
      if (is_given(given, name)) refuse_given(given, {name}, "with --temperature 0");
    }
  }
  return options;
}

}  // namespace

int run_generate(const std::vector<std::string>& arguments) {
  const auto given = parse(generate_description(), arguments);
  if (!given) return 0;
  const SamplingOptions options = sampling_options(*given);
  const Index length = bounded(*given, "length", Index{1}, Index{1} << 30);
  const auto path = (*given)["model-file"].as<std::string>();
  const StoredLanguageModel model = load_language_model(path);
  const std::string prompt =
      given->contains("prompt") ? (*given)["prompt"].as<std::string>() : std::string("\n");
  if (!is_valid_utf8(prompt)) throw OptionError("--prompt is not UTF-8");
  const NumberedText beginning = number_text(prompt, model.unit, model.vocabulary);
  if (beginning.units.empty())
    throw OptionError(fmt::format("--prompt has no {}", name_of(model.unit)));
  if (!given->contains("prompt") && beginning.unknown > 0)
    throw OptionError(
        "the model has not seen the end of a line, after which a text would begin: "
        "expected --prompt");
  if (!given->contains("quiet"))
    std::cerr << fmt::format("{}: {} of {} {}, {}\n", path, model.name, model.vocabulary.size(),
                             name_of(model.unit), model.described);
  if (beginning.unknown > 0)
    std::cerr << fmt::format(
        "--prompt: {} of {} {} are not in the model's vocabulary and count as "
        "{}\n",
        beginning.unknown, beginning.units.size(), name_of(model.unit), unknown_unit);
  model.parameters->settle();
  TextWriter writer(model, options, seed_of(*given));
  writer.read(beginning.units);
  TextJoiner joiner(model.unit);
  std::string text;
  if (given->contains("prompt"))
    for_each_unit(prompt, model.unit, [&](std::string_view unit) { text += joiner.add(unit); });
  const std::size_t begun = text.size();
  for (Index i = 0; i < length; ++i) text += joiner.add(model.vocabulary.name(writer.write()));
  if (given->contains("json"))
    std::cout << json_line({{"prompt", given->contains("prompt") ? prompt : ""},
                            {"text", text.substr(begun)},
                            {"seed", seed_of(*given)}});
  else
    std::cout << text << '\n';
  return 0;
}

}  // namespace tapegrad::apps
