// tg-classify explain
#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/explain_command.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/explanation/text_explanation.h>
#include <tapegrad/graph/printable.h>

#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all =
      options_group("tg-classify explain: shows which words of a text moved the answer");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "input", po::value<std::string>()->value_name("TEXT")->required(), "the text (required)")(
      "target", po::value<std::string>()->value_name("NAME"),
      "of a model with several targets, the one to explain; default: the first")(
      "class", po::value<std::string>()->value_name("NAME"),
      "the class whose probability is explained; default: the one that is predicted")(
      "html", po::value<std::string>()->value_name("FILE"),
      "a file for a page with the text, its words marked; default: no page");
  add_explain_options(all, "words");
  return all;
}

std::size_t target_of(const po::variables_map& given, const TextClassifier& model) {
  if (!given.contains("target")) return 0;
  const auto name = given["target"].as<std::string>();
  const auto found = std::ranges::find(model.targets, name, &Target::name);
  if (found != model.targets.end()) return static_cast<std::size_t>(found - model.targets.begin());
  std::vector<std::string> names;
  for (const Target& target : model.targets) names.push_back(target.name);
  throw OptionError(fmt::format("--target: the model has no target {}; it has {}", in_quotes(name),
                                fmt::join(names, ", ")));
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments) {
  const auto parsed = parse(description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const bool by_gradients = is_by_gradients(given);
  const auto path = given["model-file"].as<std::string>();
  const auto text = given["input"].as<std::string>();
  if (!is_valid_utf8(text)) throw OptionError("--input is not UTF-8");
  std::vector<std::string> outputs;
  for (const char* name : {"html", "svg"}) {
    if (given.contains(name)) outputs.push_back(given[name].as<std::string>());
  }
  check_files({path}, outputs);
  const TextClassifier model = load_text_classifier(path);
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}, {}\n", path, model.name, model.described);
  if (!model.counted) model.parameters->settle();
  const std::size_t place = target_of(given, model);
  const Target& target = model.targets[place];
  const ClassPredictions predictions = model.predictions(text_outputs(model, {&text, 1}, 1))[place];
  Index label = target.predicted(predictions.row(0));
  if (given.contains("class")) {
    const auto name = given["class"].as<std::string>();
    label = target.classes.find(name);
    if (label < 0)
      throw OptionError(fmt::format("--class: the model has no class {}", in_quotes(name)));
  }
  TextExplanation found = by_gradients ? explain_text_by_gradients(model, text, place, label)
                                       : explain_text_by_leaving_out(model, text, place, label, 1);
  const std::string& name = target.classes.name(label);
  const double probability = predictions.row(0)[static_cast<std::size_t>(label)];
  const std::string title = fmt::format("{} (probability {:.4f})", printable(name), probability);
  if (given.contains("html"))
    write_text_file(given["html"].as<std::string>(), to_html(found, title));
  const auto token_of = [&](const InputPart& part) {
    return found.tokens[static_cast<std::size_t>(part.number)];
  };
  show_explanation(
      given, found.explanation,
      {.title = title,
       .parts = "words",
       .name = token_of,
       .json = [&](const InputPart& part) -> nlohmann::json {
         return {{"place", part.number + 1}};
       },
       .head = {{"target", target.name}, {"class", name}, {"probability", probability}}});
  return 0;
}

}  // namespace tapegrad::apps
