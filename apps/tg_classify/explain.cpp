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
#include <tapegrad/apps/explanation/image_explanation.h>
#include <tapegrad/apps/explanation/text_explanation.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/graph/printable.h>

#include "commands.h"
#include "task.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description explain_description() {
  po::options_description all = options_group(
      "tg-classify explain: shows which words of a text, or which regions of a picture, moved "
      "the answer");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "input", po::value<std::string>()->value_name("TEXT")->required(),
      "the text, or the file of the picture (required)")(
      "target", po::value<std::string>()->value_name("NAME"),
      "of a model with several targets, the one to explain; default: the first")(
      "class", po::value<std::string>()->value_name("NAME"),
      "the class whose probability is explained; default: the one that is predicted")(
      "html", po::value<std::string>()->value_name("FILE"),
      "of a model of texts, a file for a page with the text, its words marked; default: no page")(
      "picture", po::value<std::string>()->value_name("FILE"),
      "of a model of pictures, a PNG file for the picture and, beside it, the same with green for "
      "what spoke for the class and red for what spoke against it; default: no picture");
  add_megapixels_option(all);
  add_explain_options(all, "words or regions");
  return all;
}

std::size_t target_of(const po::variables_map& given, const StoredClassifier& model) {
  if (!given.contains("target")) return 0;
  const auto name = given["target"].as<std::string>();
  const auto found = std::ranges::find(model.targets, name, &Target::name);
  if (found != model.targets.end()) return static_cast<std::size_t>(found - model.targets.begin());
  std::vector<std::string> names;
  for (const Target& target : model.targets) names.push_back(target.name);
  throw OptionError(fmt::format("--target: the model has no target {}; it has {}", in_quotes(name),
                                fmt::join(names, ", ")));
}

// The class that is explained, and how it is told.
struct Explained {
  ClassOfTarget of;
  std::string title;
  nlohmann::json head;
};

// `outputs` are those of the one example.
Explained explained_class(const po::variables_map& given, const StoredClassifier& model,
                          std::span<const double> outputs) {
  Explained explained{.of = {.target = target_of(given, model)}, .title = {}, .head = {}};
  const Target& target = model.targets[explained.of.target];
  const ClassPredictions predictions = model.predictions(outputs)[explained.of.target];
  Index& label = explained.of.label;
  label = target.predicted(predictions.row(0));
  if (given.contains("class")) {
    const auto name = given["class"].as<std::string>();
    label = target.classes.find(name);
    if (label < 0)
      throw OptionError(fmt::format("--class: the model has no class {}", in_quotes(name)));
  }
  const std::string& name = target.classes.name(label);
  const double probability = predictions.row(0)[static_cast<std::size_t>(label)];
  explained.title = fmt::format("{} (probability {:.4f})", printable(name), probability);
  explained.head = {{"target", target.name}, {"class", name}, {"probability", probability}};
  return explained;
}

void tell(const po::variables_map& given, const StoredClassifier& model) {
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}, {}\n", given["model-file"].as<std::string>(), model.name,
                             model.described);
}

void explain_text(const po::variables_map& given, const std::string& path) {
  const bool by_gradients = is_by_gradients(given);
  const auto text = given["input"].as<std::string>();
  if (!is_valid_utf8(text)) throw OptionError("--input is not UTF-8");
  const TextClassifier model = load_text_classifier(path);
  refuse_given(given, {"picture", "max-megapixels"}, "with a model of texts");
  tell(given, model);
  if (!model.counted) model.parameters->settle();
  const Explained explained = explained_class(given, model, text_outputs(model, {&text, 1}, 1));
  const ClassOfTarget& one = explained.of;
  TextExplanation found = by_gradients
                              ? explain_text_by_gradients(model, text, one.target, one.label)
                              : explain_text_by_leaving_out(model, text, one.target, one.label, 1);
  if (given.contains("html"))
    write_text_file(given["html"].as<std::string>(), to_html(found, explained.title));
  const auto token_of = [&](const InputPart& part) {
    return found.tokens[static_cast<std::size_t>(part.number)];
  };
  show_explanation(given, found.explanation,
                   {.title = explained.title,
                    .parts = "words",
                    .name = token_of,
                    .json = [&](const InputPart& part) -> nlohmann::json {
                      return {{"place", part.number + 1}};
                    },
                    .head = explained.head});
}

void explain_image(const po::variables_map& given, const std::string& path) {
  refuse_given(given, {"html"}, "with a model of pictures");
  const bool by_gradients = is_by_gradients(given);
  const ImageClassifier model = load_image_classifier(path);
  tell(given, model);
  model.parameters->settle();
  const Image image = read_image(given["input"].as<std::string>(), max_pixels(given));
  const ImageSet images{model.shape, fitted(image, model.shape)};
  const std::vector<Index> first = {0};
  const std::vector<float> numbers = scaled_images(model, images, first);
  const Explained explained = explained_class(given, model, image_outputs(model, images, 1));
  const ImageExplanation found =
      by_gradients ? explain_image_by_gradients(model, numbers, explained.of)
                   : explain_image_by_leaving_out(model, numbers, explained.of, 1);
  if (given.contains("picture"))
    write_png(given["picture"].as<std::string>(),
              saliency_picture(images.of(0), model.shape, found.pixels));
  const ImageRegions regions{model.shape.size};
  show_explanation(given, found.explanation,
                   {.title = explained.title,
                    .parts = "regions",
                    .name = [&](const InputPart& part) { return regions.name(part.number); },
                    .json = [&](const InputPart& part) -> nlohmann::json {
                      return {{"region", part.number + 1}};
                    },
                    .head = explained.head});
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments) {
  const auto parsed = parse(explain_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const auto path = given["model-file"].as<std::string>();
  std::vector<std::string> outputs;
  for (const char* name : {"html", "svg", "picture"}) {
    if (given.contains(name)) outputs.push_back(given[name].as<std::string>());
  }
  const bool is_of_images = has_format(path, "tapegrad image classifier");
  std::vector<std::string> inputs = {path};
  if (is_of_images) inputs.push_back(given["input"].as<std::string>());
  check_files(inputs, outputs);
  if (is_of_images)
    explain_image(given, path);
  else
    explain_text(given, path);
  return 0;
}

}  // namespace tapegrad::apps
