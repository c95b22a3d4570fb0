#include "language.h"

#include <chrono>
#include <cmath>
#include <iostream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/training/fit_language.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// The text of the sources that an option names, one after another, as UTF-8; empty without the
// option.
std::string read_text(const po::variables_map& given, const std::string& option,
                      std::string& told) {
  const Encoding encoding = encoding_of(given);
  std::string all;
  for (const std::string& path : sources_of(given, option)) {
    std::string text = read_text_file(path, max_unpacked(given));
    if (encoding == Encoding::latin1) {
      text = latin1_to_utf8(text);
    } else if (!is_valid_utf8(text)) {
      if (encoding == Encoding::utf8)
        throw DataError(
            fmt::format("{}: is not UTF-8: expected --encoding latin-1 for a text of "
                        "one byte a character",
                        path));
      text = latin1_to_utf8(text);
      told += fmt::format("{}: is not UTF-8 and was read as Latin-1\n", path);
    }
    all += text;
  }
  return all;
}

TextUnit unit_of(const po::variables_map& given) {
  return given.contains("unit") ? text_unit_of(given["unit"].as<std::string>()) : TextUnit::words;
}

TextSplit read_split(const po::variables_map& given, std::string& told) {
  const TextUnit unit = unit_of(given);
  Index min_count = 1;
  set_bounded(min_count, given, "min-count", Index{1}, Index{1} << 30);
  if (given.contains("data")) {
    refuse_given(given, {"train", "validation", "test"}, "with --data, which is split in tenths");
    return split_text(unit, read_text(given, "data", told), min_count);
  }
  if (!given.contains("train"))
    throw OptionError("task language needs --data, or --train and, where there is one, --test");
  const std::string training = read_text(given, "train", told);
  const std::string validation = read_text(given, "validation", told);
  const std::string test = read_text(given, "test", told);
  if (given.contains("test") && test.empty()) throw DataError("the text that tests is empty");
  return split_texts(unit, training, validation, test, min_count);
}

std::string describe_unknown(const NumberedText& test, TextUnit unit) {
  if (test.unknown == 0) return "";
  return fmt::format(
      "test: {} of {} {} are not in the vocabulary of the training and count as {}\n", test.unknown,
      test.units.size(), name_of(unit), unknown_unit);
}

// What a test says.
nlohmann::json measures_json(double loss, const NumberedText& test, TextUnit unit) {
  return {{"unit", name_of(unit)},        {"units", test.units.size() - 1},
          {"unknown", test.unknown},      {"loss", loss},
          {"bits", loss / std::log(2.0)}, {"perplexity", std::exp(loss)}};
}

std::string measures_text(const std::string& name, double loss, const NumberedText& test,
                          TextUnit unit) {
  return fmt::format("{}: loss {:.4f} nats, {:.4f} bits, perplexity {:.2f} of {} {}\n", name, loss,
                     loss / std::log(2.0), std::exp(loss), test.units.size() - 1, name_of(unit));
}

LanguageFitOptions fit_options(const po::variables_map& given, const LanguageRow& row) {
  LanguageFitOptions options;
  options.settings = given_settings(given, row, language_options::all());
  // For its errors, before anything is read.
  language_loss(decided(row, options.settings, unit_of(given)));
  options.loop = loop_options(given, row.loop);
  options.refit = !given.contains("no-refit");
  if (given.contains("epochs"))
    refuse_given(given, {"no-refit"}, "with --epochs, which are not chosen then");
  return options;
}

// The options that the task looks at.
std::vector<std::string> known_options() {
  std::vector<std::string> names = {"task",      "model",    "out",          "train", "validation",
                                    "test",      "data",     "json",         "quiet", "unit",
                                    "min-count", "encoding", "max-unpacked", "seed",  "threads",
                                    "no-refit",  "help",     "version"};
  for (const ModelOption* option : language_options::all()) names.emplace_back(option->name);
  for (const std::string& name : names_of(loop_options_description())) names.push_back(name);
  return names;
}

}  // namespace

po::options_description language_options_description() {
  po::options_description language =
      row_options_description("Task language", language_rows(), language_options::own());
  language.add_options()(
      "unit", po::value<std::string>()->value_name("NAME"),
      "task language: what is predicted: words (what lies between blanks, and the ends of lines) "
      "or characters; default: words")(
      "min-count", po::value<Index>()->value_name("N"),
      "task language: words or characters that come fewer times count as <unk>, from 1 on; "
      "default: 1")("validation",
                    po::value<std::vector<std::string>>()->multitoken()->value_name("SOURCE..."),
                    "task language: the text that chooses the number of epochs; default: the last "
                    "tenth of --train");
  return language;
}

int train_language(const po::variables_map& given, const po::options_description& description) {
  const auto start = std::chrono::steady_clock::now();
  refuse_all_but(given, description, known_options(), "with task language");
  StoredLanguageModel model;
  model.name = given["model"].as<std::string>();
  const LanguageRow& row = language_row(model.name);
  LanguageFitOptions options = fit_options(given, row);
  std::vector<std::string> inputs, outputs = outputs_of(options.loop);
  if (given.contains("out")) outputs.push_back(given["out"].as<std::string>());
  for (const char* name : {"train", "validation", "test", "data"}) {
    for (const std::string& source : sources_of(given, name)) inputs.push_back(source);
  }
  check_files(inputs, outputs);
  std::string told;
  const TextSplit split = read_split(given, told);
  const bool quiet = given.contains("quiet");
  if (!quiet)
    told += fmt::format("{} {} train, {} of which validate, {} test; {} different ones\n",
                        split.training.size(), name_of(split.unit), split.validation().size(),
                        split.test.units.size(), split.vocabulary.size());
  std::cerr << told << describe_unknown(split.test, split.unit);
  model.described = fmt::format("trained on {} {}, evaluated on {}", split.training.size(),
                                name_of(split.unit), split.test.units.size());
  options.loop.identity =
      fmt::format("{}; {}; refit {}; task language; data {}", identity_of(row, options.settings),
                  identity_of(options.loop), options.refit, hexadecimal(fingerprint(split)));
  Progress progress(quiet);
  const int epochs = fit_language(model, split, options, progress);
  if (given.contains("out")) {
    save_language_model(outputs.back(), model);
    if (!quiet)
      std::cerr << fmt::format("{}: saved {}, {}\n", outputs.back(), model.name, model.described);
  }
  nlohmann::json json = {{"model", model.name}, {"task", "language"}};
  std::string text = fmt::format("{}: trained, not evaluated (no --test)\n", model.name);
  if (!split.test.units.empty()) {
    const double loss = text_loss(*model.model, split.test.units, options.loop.threads);
    const double counted = unigram_loss(split.training, split.test.units, split.vocabulary.size());
    json.update(measures_json(loss, split.test, split.unit));
    json["unigram"] = measures_json(counted, split.test, split.unit);
    text = measures_text(model.name, loss, split.test, split.unit) +
           measures_text("unigram frequencies", counted, split.test, split.unit);
  }
  json["vocabulary"] = split.vocabulary.size();
  json["epochs"] = epochs;
  json["seed"] = options.loop.seed;
  json["options"] = options_json(row, model.settings);
  json["data"] = model.fingerprint;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << (given.contains("json") ? json_line(json) : text);
  return 0;
}

int evaluate_language(const po::variables_map& given, const po::options_description& description) {
  refuse_all_but(given, description,
                 {"model-file", "test", "threads", "quiet", "json", "encoding", "max-unpacked"},
                 "with a model of language");
  if (!given.contains("test")) throw OptionError("a model of language needs --test, a text");
  const StoredLanguageModel model = load_language_model(given["model-file"].as<std::string>());
  std::string told;
  const NumberedText test =
      number_text(read_text(given, "test", told), model.unit, model.vocabulary);
  if (test.units.size() < 2)
    throw DataError(fmt::format("the text that tests has {} {}: expected 2 or more",
                                test.units.size(), name_of(model.unit)));
  std::cerr << told << describe_unknown(test, model.unit);
  model.parameters->settle();
  const double loss = text_loss(*model.model, test.units, bounded(given, "threads", 1, 1024));
  nlohmann::json json = {{"model", model.name}, {"task", "language"}};
  json.update(measures_json(loss, test, model.unit));
  std::cout << (given.contains("json") ? json_line(json)
                                       : measures_text(model.name, loss, test, model.unit));
  return 0;
}

}  // namespace tapegrad::apps
