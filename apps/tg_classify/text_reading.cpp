#include "text_reading.h"

#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

LabelledTexts read_texts(const po::variables_map& given, const std::vector<std::string>& sources,
                         LabelledTextOptions options, Progress& progress) {
  options.table = plain_table_options(given);
  options.table.source.trusts_quotes = true;
  options.table.source.query = query_of(given, "query", sources);
  show_reading(options.table, progress, displayed_all(sources));
  LabelledTexts texts = read_labelled_texts(sources, options);
  progress.clear();
  texts.report.left_out = 0;  // they are told here
  std::string counts = fmt::format("{} texts", texts.texts.size());
  if (texts.without_text > 0) counts += fmt::format(", {} of them empty", texts.without_text);
  if (texts.without_label > 0)
    counts += fmt::format("; left out {} rows without a label", texts.without_label);
  const bool quiet = given.contains("quiet") && texts.without_text + texts.without_label == 0;
  std::cerr << describe_read(displayed_all(sources), texts.report, counts, quiet);
  return texts;
}

}  // namespace tapegrad::apps
