#include <tapegrad/apps/images/image_list.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/images/image_file.h>

namespace tapegrad::apps {
namespace {

namespace fs = std::filesystem;

// Rules of the labels, of the pictures and of the ids.
struct Rules {
  std::vector<ColumnRule> all;
  std::size_t labels = 0;
};

Rules rules_of(const LabelledImageOptions& options) {
  Rules rules;
  const bool by_class = !options.attributes.empty();
  if (!by_class) {
    for (const std::string& column : options.label_columns)
      rules.all.push_back(
          {.role = "label", .choice = column, .known_names = {}, .required = options.needs_labels});
  }
  if (by_class || options.label_columns.empty())
    rules.all.push_back({.role = "label",
                         .choice = {},
                         .known_names = class_names,
                         .position = options.needs_labels ? 2 : 0,
                         .required = options.needs_labels});
  rules.labels = rules.all.size();
  rules.all.push_back({.role = "image",
                       .choice = options.image_column,
                       .known_names = image_names,
                       .position = 1,
                       .required = true});
  if (!options.id_column.empty())
    rules.all.push_back({.role = "id",
                         .choice = options.id_column,
                         .known_names = {},
                         .required = true,
                         .may_share = true});
  return rules;
}

// The folder that the files of a table are searched from.
fs::path folder_of(const std::string& location) {
  const std::string file = file_of(location);
  return file.empty() ? fs::path() : fs::path(file).parent_path();
}

}  // namespace

ImageList list_folder(const std::string& folder, bool needs_labels) {
  ImageList list;
  if (needs_labels) list.labels.push_back({"class", {}});
  std::vector<fs::path> found;
  std::error_code error;
  constexpr auto options = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator at(folder, options, error), end; !error && at != end;
       at.increment(error)) {
    const bool is_hidden = at->path().filename().string().starts_with('.');
    if (at->is_directory(error)) {
      if (is_hidden) at.disable_recursion_pending();
      continue;
    }
    if (is_hidden) continue;
    if (has_image_ending(at->path().string()))
      found.push_back(at->path().lexically_relative(folder));
    else
      ++list.other_files;
  }
  if (error)
    throw DataError(fmt::format("{}: cannot read the folder: {}", folder, error.message()));
  std::ranges::sort(found);
  for (const fs::path& path : found) {
    list.paths.push_back((folder / path).string());
    list.ids.push_back(path.string());
    if (!needs_labels) continue;
    if (!path.has_parent_path())
      throw DataError(fmt::format("{}: expected a folder for each class, got a picture beside them",
                                  list.paths.back()));
    list.labels.front().fields.push_back(path.begin()->string());
  }
  if (found.empty())
    throw DataError(fmt::format("{}: expected pictures, got a folder without any", folder));
  return list;
}

ImageList list_table(std::span<const std::string> locations, const LabelledImageOptions& options) {
  ImageList list;
  const Rules rules = rules_of(options);
  const std::size_t image_rule = rules.labels, id_rule = image_rule + 1;
  for (const std::string& location : locations) {
    const fs::path folder = folder_of(location);
    read_table({&location, 1}, options.table, rules.all, [&](TableReader& reader) {
      std::vector<std::string> labels;
      for (std::size_t i = 0; options.needs_labels && i < rules.labels; ++i)
        labels.emplace_back(trimmed(reader.field(reader.column(i))));
      if (std::ranges::count(labels, "") > 0) {
        ++list.without_label;
        return reader.leave_out();
      }
      const std::string file(trimmed(reader.field(reader.column(image_rule))));
      if (file.empty())
        return reader.reject(reader.column(image_rule), "expected a picture's file, got none");
      if (list.labels.empty()) {
        for (std::size_t i = 0; i < labels.size(); ++i) {
          const auto column = static_cast<std::size_t>(reader.column(i));
          const std::string choice(rules.all[i].choice);
          const bool has_header = !reader.header().empty();
          list.labels.push_back({has_header       ? reader.header()[column]
                                 : choice.empty() ? "label"
                                                  : choice,
                                 {}});
        }
      }
      for (std::size_t i = 0; i < labels.size(); ++i)
        list.labels[i].fields.push_back(std::move(labels[i]));
      list.paths.push_back((folder / file).string());
      list.ids.push_back(options.id_column.empty()
                             ? file
                             : std::string(trimmed(reader.field(reader.column(id_rule)))));
    });
  }
  if (list.paths.empty())
    throw DataError(fmt::format("{}: expected rows with a picture{}, got none",
                                displayed_all(locations),
                                options.needs_labels ? " and a label" : ""));
  return list;
}

}  // namespace tapegrad::apps
