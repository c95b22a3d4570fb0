#include "task.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/graph/printable.h>

#include "tasks.h"

namespace tapegrad::apps {

namespace po = boost::program_options;

const std::vector<std::string>& task_names() {
  static const std::vector<std::string> names = {"text", "table", "images", "trees"};
  return names;
}

std::unique_ptr<TrainingTask> make_task(const std::string& name) {
  if (name == "text") return make_text_task();
  if (name == "table") return make_table_task();
  if (name == "images") return make_image_task();
  if (name == "trees") return make_tree_task();
  throw OptionError(fmt::format("there is no task {}; there are {}", in_quotes(name),
                                fmt::join(task_names(), ", ")));
}

void add_task_options(po::options_description& description) {
  description.add_options()(
      "label", po::value<std::string>()->value_name("COLUMNS"),
      "the columns of labels, with commas between, each of which is predicted: names in the header "
      "or numbers from 1 on; default: the first with a usual name, such as label, category or "
      "intent, in a table of texts without a header column 2")(
      "text", po::value<std::string>()->value_name("COLUMNS"),
      "task text: the columns of the text, with commas between, whose fields are read one after "
      "another; default: the first with a usual name, such as text, review or question, in a table "
      "without a header column 1")(
      "attributes", po::value<std::string>()->value_name("FILE"),
      "tasks images and trees: a table with a header, from classes in its first column to "
      "attributes, which are "
      "predicted in place of the classes: those that --label names, or all; default: classes are "
      "predicted");
  add_image_options(description);
  add_plain_table_options(description);
}

void add_megapixels_option(po::options_description& description) {
  description.add_options()(
      "max-megapixels", po::value<double>()->value_name("NUMBER"),
      "task images: the largest picture that is taken, in millions of pixels, from 0.001 to 10000; "
      "default: 100");
}

std::size_t max_pixels(const po::variables_map& given) {
  double megapixels = static_cast<double>(standard_max_pixels) / 1e6;
  set_bounded(megapixels, given, "max-megapixels", 0.001, 10'000.0);
  return static_cast<std::size_t>(megapixels * 1e6);
}

void add_image_options(po::options_description& description) {
  add_megapixels_option(description);
  description.add_options()(
      "image", po::value<std::string>()->value_name("COLUMN"),
      "task images, of a table: the column of the pictures' files, which are searched from the "
      "table's folder on; default: the first with a usual name, such as image or file, in a table "
      "without a header column 1")(
      "skip-bad-images",
      "task images: leave pictures that cannot be read out and count them, instead of stopping");
}

void refuse_options_of_others(const po::variables_map& given, const std::string& task,
                              const std::string& where) {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> owners = {
      {"text", {"text"}},
      {"features", {"table"}},
      {"categories", {"table"}},
      {"numbers", {"table"}},
      {"image", {"images"}},
      {"size", {"images"}},
      {"colours", {"images"}},
      {"max-megapixels", {"images"}},
      {"skip-bad-images", {"images"}},
      {"attributes", {"images", "trees"}},
      {"delimiter", {"text", "table", "images"}},
      {"header", {"text", "table", "images"}},
      {"query", {"text", "table", "images"}},
      {"skip-bad-lines", {"text", "table", "images"}}};
  for (const auto& [option, tasks] : owners) {
    if (std::ranges::count(tasks, task) == 0) refuse_given(given, {option}, where);
  }
}

std::unique_ptr<SavedClassifier> load_classifier(const std::string& path) {
  if (has_format(path, "tapegrad table classifier")) return load_table_task(path);
  if (has_format(path, "tapegrad image classifier")) return load_image_task(path);
  if (has_format(path, "tapegrad tree classifier")) return load_tree_task(path);
  return load_text_task(path);
}

}  // namespace tapegrad::apps
