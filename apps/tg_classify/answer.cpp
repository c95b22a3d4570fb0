// tg-classify answer
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/known_answers.h>
#include <tapegrad/apps/classification/text_classifier.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/graph/printable.h>

#include "commands.h"
#include "examples.h"
#include "text_reading.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description answer_description() {
  po::options_description all = options_group(
      "tg-classify answer: gives the known answers whose questions are nearest to a question, or "
      "none where none is near");
  add_help(all);
  add_sources_option(all, "faq", "questions with their answers (required)");
  all.add_options()(
      "question", po::value<std::string>()->value_name("COLUMN"),
      "the column of the known questions, and of those of --data; default: the first with a usual "
      "name, such as question or text")(
      "answer", po::value<std::string>()->value_name("COLUMN")->default_value("answer"),
      "the column of the answers")("input", po::value<std::string>()->value_name("TEXT"),
                                   "one question (required without --data)");
  add_sources_option(all, "data", "questions to answer (required without --input)");
  all.add_options()(
      "model-file", po::value<std::string>()->value_name("FILE"),
      "a network of texts, as train wrote it, whose vectors questions are compared by; default: "
      "questions are compared by their words and parts of words")(
      "k", po::value<Index>()->value_name("N")->default_value(1),
      "how many different answers are given at most, from 1 on")(
      "precision", po::value<double>()->value_name("NUMBER")->default_value(0.9),
      "the part of right answers that the threshold is chosen for, by asking each known question "
      "of the others; above 0 to 1")(
      "threshold", po::value<double>()->value_name("NUMBER"),
      "the least similarity that is answered, from 0 to 1; default: chosen by --precision where "
      "ten known questions or more share their answers, else required")(
      "out", po::value<std::string>()->value_name("FILE"),
      "with --data, a CSV file to write to, with the columns id, answer, question and similarity; "
      "default: lines of text on stdout");
  add_plain_table_options(all);
  all.add_options()("quiet", "print only errors and warnings on stderr")(
      "json", "print a JSON object a question instead of text");
  return all;
}

LabelledTexts read_questions(const po::variables_map& given, const char* option, bool has_answers) {
  LabelledTextOptions options;
  options.needs_labels = has_answers;
  if (given.contains("question")) options.text_columns = columns_of(given, "question");
  if (has_answers) options.label_columns = columns_of(given, "answer");
  Progress progress(given.contains("quiet"));
  return read_texts(given, sources_of(given, option), options, progress);
}

// Vectors of a network as rows of norm 1.
KnownAnswers::Embed vectors_of(const std::string& path) {
  const auto model = std::make_shared<const TextClassifier>(load_text_classifier(path));
  if (!model->network)
    throw OptionError(
        fmt::format("--model-file: model {} has no vectors: expected a network", model->name));
  model->parameters->settle();
  return [model](const std::string& question) {
    const std::vector<double> vector = text_vectors(*model, {&question, 1}, 1);
    double squares = 0.0;
    for (const double number : vector) squares += number * number;
    std::vector<FeatureEntry> row;
    for (std::size_t i = 0; squares > 0.0 && i < vector.size(); ++i)
      row.push_back(
          {static_cast<std::int32_t>(i), static_cast<float>(vector[i] / std::sqrt(squares))});
    return row;
  };
}

double threshold_of(const po::variables_map& given, const KnownAnswers& known) {
  if (given.contains("threshold")) {
    refuse_given(given, {"precision"}, "with --threshold, which is not chosen then");
    return bounded(given, "threshold", 0.0, 1.0);
  }
  const double precision = bounded(given, "precision", 0.0, 1.0);
  if (precision == 0.0) throw OptionError("--precision must be above 0, to 1, got 0");
  const auto chosen = known.choose_threshold(precision);
  if (!chosen)
    throw OptionError(
        "fewer than ten known questions share their answer with another, so that no threshold can "
        "be chosen: expected --threshold");
  if (!given.contains("quiet"))
    std::cerr << fmt::format(
        "threshold {:.4f}: asked of each other, {} of {} known questions have an answer, {} the "
        "right one\n",
        chosen->similarity, chosen->answered, chosen->asked, chosen->right);
  return chosen->similarity;
}

// The answers that are near enough, best first.
std::vector<KnownAnswers::Found> answers_to(const KnownAnswers& known, const std::string& question,
                                            std::size_t count, double threshold) {
  std::vector<KnownAnswers::Found> found = known.nearest(question, count);
  std::erase_if(found, [&](const KnownAnswers::Found& one) {
    return one.similarity < threshold || one.similarity <= 0.0;
  });
  return found;
}

std::string as_text(const KnownAnswers& known, const std::vector<KnownAnswers::Found>& found) {
  std::string text;
  for (const KnownAnswers::Found& one : found)
    text += fmt::format("{:.4f}  {}  ({})\n", one.similarity, printable(known.answer(one.question)),
                        printable(known.question(one.question)));
  return text.empty() ? "no known question is near enough\n" : text;
}

nlohmann::json as_json(const KnownAnswers& known, const std::string& question,
                       const std::vector<KnownAnswers::Found>& found, double threshold) {
  nlohmann::json answers = nlohmann::json::array();
  for (const KnownAnswers::Found& one : found)
    answers.push_back({{"answer", known.answer(one.question)},
                       {"question", known.question(one.question)},
                       {"similarity", one.similarity}});
  return {{"input", question}, {"threshold", threshold}, {"answers", std::move(answers)}};
}

std::string as_csv(const KnownAnswers& known, std::size_t id,
                   const std::vector<KnownAnswers::Found>& found) {
  if (found.empty()) return fmt::format("{},,,\n", id);
  std::string csv;
  for (const KnownAnswers::Found& one : found)
    csv += fmt::format("{},{},{},{:.6f}\n", id, csv_field(known.answer(one.question)),
                       csv_field(known.question(one.question)), one.similarity);
  return csv;
}

}  // namespace

int run_answer(const std::vector<std::string>& arguments) {
  const auto parsed = parse(answer_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  std::vector<std::string> inputs = sources_of(given, "faq"), outputs;
  if (inputs.empty()) throw OptionError("expected --faq");
  if (given.contains("input") == given.contains("data"))
    throw OptionError("expected either --input or --data");
  for (const std::string& source : sources_of(given, "data")) inputs.push_back(source);
  if (given.contains("model-file")) inputs.push_back(given["model-file"].as<std::string>());
  if (given.contains("out")) {
    refuse_given(given, {"input", "json"}, "with --out, which writes CSV");
    outputs.push_back(given["out"].as<std::string>());
  }
  check_files(inputs, outputs);
  const auto count = static_cast<std::size_t>(bounded(given, "k", Index{1}, Index{1} << 30));
  std::vector<std::string> questions;
  if (given.contains("input")) {
    questions.push_back(given["input"].as<std::string>());
    if (!is_valid_utf8(questions.front())) throw OptionError("--input is not UTF-8");
  }
  LabelledTexts faq = read_questions(given, "faq", true);
  if (given.contains("data")) questions = read_questions(given, "data", false).texts;
  const KnownAnswers::Embed embed = given.contains("model-file")
                                        ? vectors_of(given["model-file"].as<std::string>())
                                        : count_words_of(faq.texts);
  const KnownAnswers known(std::move(faq.texts), std::move(faq.labels.front().fields), embed);
  const double threshold = threshold_of(given, known);
  std::string csv = "id,answer,question,similarity\n";
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const std::vector<KnownAnswers::Found> found =
        answers_to(known, questions[i], count, threshold);
    if (!outputs.empty())
      csv += as_csv(known, i + 1, found);
    else if (given.contains("json"))
      std::cout << json_line(as_json(known, questions[i], found, threshold));
    else
      std::cout << (given.contains("data") ? fmt::format("{}: ", i + 1) : "")
                << as_text(known, found);
  }
  if (!outputs.empty()) write_text_file(outputs.front(), csv);
  return 0;
}

}  // namespace tapegrad::apps
