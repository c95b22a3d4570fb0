// tg-classify reviews
#include <iostream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/review_table.h>
#include <tapegrad/apps/classification/text_classifier.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/data/time_format.h>
#include <tapegrad/apps/data/times.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/text/words.h>
#include <tapegrad/graph/printable.h>

#include "commands.h"
#include "examples.h"
#include "text_reading.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description reviews_description() {
  po::options_description all = options_group(
      "tg-classify reviews: tables what a model says of reviews by product and month, with the "
      "words that tell them from the others");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of a model of texts, as train wrote it (required)");
  add_sources_option(all, "data", "the reviews (required)");
  all.add_options()("product", po::value<std::string>()->value_name("COLUMN")->required(),
                    "the column of the product (required)")(
      "time", po::value<std::string>()->value_name("COLUMN"),
      "the column of the time; default: reviews are tabled by product alone")(
      "time-format", po::value<std::string>()->value_name("FORMAT"),
      "the form of the times, as strptime has it, such as \"%d/%m/%Y\"; default: seconds or ISO "
      "8601")("text", po::value<std::string>()->value_name("COLUMNS"),
              "the columns of the text; default: those of the training")(
      "words", po::value<Index>()->value_name("N")->default_value(5),
      "how many telling words a row has at most, from 0 on")(
      "out", po::value<std::string>()->value_name("FILE"),
      "a CSV file to write the table to; default: lines of text on stdout");
  add_plain_table_options(all);
  all.add_options()("threads", po::value<int>()->value_name("N")->default_value(2),
                    "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr")(
      "json", "print a JSON object a row instead of text");
  return all;
}

// The months of times, such as "2024-03". Throws DataError for one of another form.
std::vector<std::string> months_of(const std::vector<std::string>& times,
                                   const TimeFormat& format) {
  std::vector<std::string> months;
  for (const std::string& time : times) {
    const std::optional<double> seconds = format.parse(time);
    const std::string day = seconds ? time_text(*seconds) : "";
    constexpr std::size_t month_length = 7;
    if (day.size() < month_length || day[4] != '-')
      throw DataError(fmt::format("--time: expected {}, got {}: --time-format says the form",
                                  format.expected(), in_quotes(time)));
    months.push_back(day.substr(0, month_length));
  }
  return months;
}

std::vector<Review> read_reviews(const po::variables_map& given, const TextClassifier& model) {
  LabelledTextOptions options;
  options.needs_labels = false;
  options.text_columns = given.contains("text") ? columns_of(given, "text") : model.text_columns;
  options.other_columns.push_back(given["product"].as<std::string>());
  if (given.contains("time")) options.other_columns.push_back(given["time"].as<std::string>());
  Progress progress(given.contains("quiet"));
  LabelledTexts read = read_texts(given, sources_of(given, "data"), options, progress);
  std::vector<std::string> months(read.texts.size());
  if (given.contains("time"))
    months =
        months_of(read.others[1].fields, given.contains("time-format")
                                             ? TimeFormat(given["time-format"].as<std::string>())
                                             : TimeFormat());
  const std::vector<double> outputs =
      text_outputs(model, read.texts, bounded(given, "threads", 1, 1024));
  const ClassPredictions predictions = model.predictions(outputs).front();
  WordCutter cutter;
  std::vector<Review> reviews;
  for (std::size_t i = 0; i < read.texts.size(); ++i)
    reviews.push_back(
        {.product = read.others.front().fields[i],
         .month = months[i],
         .words = cutter.words(read.texts[i]),
         .label = model.targets.front().predicted(predictions.row(static_cast<Index>(i)))});
  return reviews;
}

std::string as_csv(const std::vector<ReviewGroup>& groups, const Target& target, bool has_months) {
  std::string csv = has_months ? "product,month,reviews" : "product,reviews";
  for (Index c = 0; c < target.classes.size(); ++c)
    csv += fmt::format(",{}", csv_field("share " + target.classes.name(c)));
  csv += ",words\n";
  for (const ReviewGroup& group : groups) {
    csv += csv_field(group.product);
    if (has_months) csv += fmt::format(",{}", group.month);
    csv += fmt::format(",{}", group.reviews);
    for (const Index count : group.labels)
      csv +=
          fmt::format(",{:.4f}", static_cast<double>(count) / static_cast<double>(group.reviews));
    csv += fmt::format(",{}\n", csv_field(fmt::format("{}", fmt::join(group.telling, " "))));
  }
  return csv;
}

std::string as_text(const ReviewGroup& group, const Target& target) {
  std::string text = printable(group.product);
  if (!group.month.empty()) text += fmt::format("  {}", group.month);
  text += fmt::format("  {} reviews", group.reviews);
  for (Index c = 0; c < target.classes.size(); ++c)
    text += fmt::format("  {} {:.0f} %", printable(target.classes.name(c)),
                        100.0 * static_cast<double>(group.labels[static_cast<std::size_t>(c)]) /
                            static_cast<double>(group.reviews));
  if (!group.telling.empty())
    text += printable(fmt::format("  ({})", fmt::join(group.telling, ", ")));
  return text + '\n';
}

nlohmann::json as_json(const ReviewGroup& group, const Target& target) {
  nlohmann::json classes;
  for (Index c = 0; c < target.classes.size(); ++c)
    classes[target.classes.name(c)] = group.labels[static_cast<std::size_t>(c)];
  nlohmann::json json = {{"product", group.product},
                         {"reviews", group.reviews},
                         {"classes", std::move(classes)},
                         {"words", group.telling}};
  if (!group.month.empty()) json["month"] = group.month;
  return json;
}

}  // namespace

int run_reviews(const std::vector<std::string>& arguments) {
  const auto parsed = parse(reviews_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const auto path = given["model-file"].as<std::string>();
  std::vector<std::string> inputs = sources_of(given, "data"), outputs;
  if (inputs.empty()) throw OptionError("expected --data");
  inputs.push_back(path);
  if (given.contains("out")) {
    refuse_given(given, {"json"}, "with --out, which writes CSV");
    outputs.push_back(given["out"].as<std::string>());
  }
  if (!given.contains("time")) refuse_given(given, {"time-format"}, "without --time");
  check_files(inputs, outputs);
  const auto words = static_cast<std::size_t>(bounded(given, "words", Index{0}, Index{1} << 30));
  const TextClassifier model = load_text_classifier(path);
  if (model.parameters) model.parameters->settle();
  const Target& target = model.targets.front();
  const std::vector<Review> reviews = read_reviews(given, model);
  const std::vector<ReviewGroup> groups = review_groups(reviews, target.classes.size(), words);
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}, {} reviews in {} rows\n", path, model.name, reviews.size(),
                             groups.size());
  if (!outputs.empty()) {
    write_text_file(outputs.front(), as_csv(groups, target, given.contains("time")));
    return 0;
  }
  for (const ReviewGroup& group : groups)
    std::cout << (given.contains("json") ? json_line(as_json(group, target))
                                         : as_text(group, target));
  return 0;
}

}  // namespace tapegrad::apps
