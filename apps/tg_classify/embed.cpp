// tg-classify embed
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/principal_components.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>

#include "commands.h"
#include "task.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description embed_description() {
  po::options_description all = options_group(
      "tg-classify embed: writes a vector for each picture or text, what the network's last layer "
      "reads of it");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)");
  add_sources_option(all, "data", "the examples (required)");
  all.add_options()("out", po::value<std::string>()->value_name("FILE")->required(),
                    "a CSV file to write to, with the columns id, v1, v2 and so on, which "
                    "tg-recommend reads as a "
                    "table of items (required)")(
      "components", po::value<Index>()->value_name("N"),
      "keep this many principal components of the vectors, from 1 on; default: the vectors as they "
      "are")(
      "id", po::value<std::string>()->value_name("COLUMN"),
      "the column that names the examples in the output; default: the files of pictures, the "
      "numbers of other examples from 1 on")(
      "text", po::value<std::string>()->value_name("COLUMNS"),
      "of a model of texts, the columns of the text; default: those of the training");
  add_image_options(all);
  add_plain_table_options(all);
  all.add_options()("threads", po::value<int>()->value_name("N")->default_value(2),
                    "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr");
  return all;
}

}  // namespace

int run_embed(const std::vector<std::string>& arguments) {
  const auto parsed = parse(embed_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const auto path = given["model-file"].as<std::string>(), out = given["out"].as<std::string>();
  std::vector<std::string> inputs = sources_of(given, "data");
  if (inputs.empty()) throw OptionError("expected --data");
  inputs.push_back(path);
  check_files(inputs, {out});
  const std::unique_ptr<SavedClassifier> saved = load_classifier(path);
  Index width = saved->vector_width();
  if (width == 0)
    throw OptionError(fmt::format(
        "{}: model {} of task {} has no vectors: expected a network of pictures or texts", path,
        saved->model().name, saved->task()));
  const Index kept =
      given.contains("components") ? bounded(given, "components", Index{1}, width) : width;
  Progress progress(given.contains("quiet"));
  SavedClassifier::Answer answer =
      saved->ask(given,
                 {.id = given.contains("id") ? given["id"].as<std::string>() : "",
                  .wants_vectors = true,
                  .threads = bounded(given, "threads", 1, 1024)},
                 progress);
  std::vector<double> vectors = std::move(answer.outputs);
  if (given.contains("components")) vectors = principal_components(vectors, width, kept);
  width = kept;
  std::string csv = "id";
  for (Index v = 1; v <= width; ++v) csv += fmt::format(",v{}", v);
  for (std::size_t i = 0; i < answer.ids.size(); ++i) {
    csv += '\n' + csv_field(answer.ids[i]);
    for (Index v = 0; v < width; ++v)
      csv += fmt::format(
          ",{:.6g}", vectors[i * static_cast<std::size_t>(width) + static_cast<std::size_t>(v)]);
  }
  write_text_file(out, csv + '\n');
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: wrote {} vectors of {} numbers\n", out, answer.ids.size(), width);
  return 0;
}

}  // namespace tapegrad::apps
