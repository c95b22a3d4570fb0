#include "task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/graph/printable.h>

#include "tasks.h"

namespace tapegrad::apps {

namespace po = boost::program_options;

const std::vector<std::string>& task_names() {
  static const std::vector<std::string> names = {"text", "table"};
  return names;
}

std::unique_ptr<TrainingTask> make_task(const std::string& name) {
  if (name == "text") return make_text_task();
  if (name == "table") return make_table_task();
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
      "without a header column 1");
  add_plain_table_options(description);
}

std::unique_ptr<SavedClassifier> load_classifier(const std::string& path) {
  if (has_format(path, "tapegrad table classifier")) return load_table_task(path);
  return load_text_task(path);
}

}  // namespace tapegrad::apps
