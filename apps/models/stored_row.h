// What is kept of every model of sequences, purchases or language that was trained, and its part of
// their files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/row_settings.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {

struct StoredRow {
  std::string name;        // of a row in the registry
  ModelSettings settings;  // all decided
  std::uint64_t seed = 0;
  std::unique_ptr<Parameters> parameters;  // null for a model that is counted
  std::string fingerprint;                 // of the data that it was trained on
  std::string described;                   // what it was trained and evaluated on, in words
};

// All but the parameters, as metadata of a file of this format.
template <class Row>
void put_row(nn::WeightFile& file, const std::string& format, const Row& row,
             const StoredRow& model) {
  file.metadata["format"] = format;
  file.metadata["model"] = model.name;
  put_setting(file, settings::seed, model.seed);
  put_settings(file, row, model.settings);
  put_label(file, "data", model.fingerprint);
  put_description(file, model.described);
}

// The same from a file, into `model`. `row_of` gives the row of a name, which is returned. Throws
// Error for a file of another format, or without a part of it.
template <class RowOf>
auto get_row(const nn::WeightFile& file, const std::string& format, const RowOf& row_of,
             StoredRow& model) {
  check_format(file, format);
  model.name = metadata_of(file, "model");
  auto row = row_of(model.name);
  model.seed = static_cast<std::uint64_t>(get_setting(file, settings::seed));
  model.settings = get_settings(file, row);
  model.fingerprint = get_label(file, "data");
  model.described = get_description(file);
  return row;
}

// What `read` makes of the file. Whatever it throws becomes an Error: "PATH: is no KIND: ...".
template <class Read>
auto load_as(const std::string& kind, const std::string& path, const Read& read) {
  nn::WeightFile file = load_sealed(path);
  try {
    return read(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no {}: {}", path, kind, error.what()));
  }
}

}  // namespace tapegrad::apps
