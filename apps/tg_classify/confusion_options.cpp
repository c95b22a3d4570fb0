#include "confusion_options.h"

#include <filesystem>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_confusion_option(po::options_description& description) {
  description.add_options()(
      "confusion", po::value<std::string>()->value_name("FILE"),
      "a file to write the confusion matrix of the test to, as its ending says: .svg (a picture), "
      ".csv or .txt; default: none");
}

std::vector<std::string> confusion_files(const po::variables_map& given, std::size_t targets) {
  if (!given.contains("confusion")) return {};
  const std::filesystem::path path = given["confusion"].as<std::string>();
  const std::string ending = path.extension().string();
  if (ending != ".svg" && ending != ".csv" && ending != ".txt")
    throw OptionError(
        fmt::format("--confusion: expected a file ending in .svg, .csv or .txt, got {}",
                    in_quotes(path.string())));
  std::vector<std::string> files;
  for (std::size_t t = 1; t <= targets; ++t) {
    std::filesystem::path own = path;
    if (targets > 1) own.replace_extension(fmt::format(".{}{}", t, ending));
    files.push_back(own.string());
  }
  return files;
}

void write_confusion(std::span<const std::string> files, std::span<const ClassReport> reports) {
  for (std::size_t t = 0; t < files.size(); ++t) {
    const ClassReport& report = reports[t];
    write_text_file(files[t], files[t].ends_with(".svg")   ? confusion_svg(report)
                              : files[t].ends_with(".csv") ? confusion_csv(report)
                                                           : confusion_text(report));
  }
}

}  // namespace tapegrad::apps
