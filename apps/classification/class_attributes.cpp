#include <tapegrad/apps/classification/class_attributes.h>

#include <map>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/records.h>

namespace tapegrad::apps {

std::vector<NamedColumn> attributes_of(std::span<const std::string> classes,
                                       const std::string& path,
                                       std::span<const std::string> columns,
                                       const TableOptions& options) {
  TableOptions own = options;
  own.source.query.clear();
  own.header = true;
  const Records records = read_records({&path, 1}, own);
  std::map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < records.columns.front().size(); ++row) {
    if (!rows.emplace(records.columns.front()[row], row).second)
      throw DataError(fmt::format("{}: expected each class once, got {} twice", path,
                                  in_quotes(records.columns.front()[row])));
  }
  std::vector<Index> wanted;
  for (const std::string& name : columns) {
    wanted.push_back(records.find(name));
    if (wanted.back() < 0)
      throw DataError(fmt::format("{}: there is no column {}", path, in_quotes(name)));
  }
  for (Index c = 1; columns.empty() && c < static_cast<Index>(records.columns.size()); ++c)
    wanted.push_back(c);
  if (wanted.empty())
    throw DataError(fmt::format("{}: expected columns of attributes beside the classes", path));
  std::vector<NamedColumn> attributes;
  for (const Index c : wanted)
    attributes.push_back({records.names[static_cast<std::size_t>(c)], {}});
  for (const std::string& name : classes) {
    const auto row = rows.find(name);
    if (row == rows.end())
      throw DataError(
          fmt::format("{}: expected a row for each class, got none for {}", path, in_quotes(name)));
    for (std::size_t i = 0; i < wanted.size(); ++i)
      attributes[i].fields.push_back(
          records.columns[static_cast<std::size_t>(wanted[i])][row->second]);
  }
  return attributes;
}

}  // namespace tapegrad::apps
