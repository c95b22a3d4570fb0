#include <tapegrad/apps/models/language_file.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/row_settings.h>
#include <tapegrad/apps/models/sealed_file.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad language model 1";

StoredLanguageModel read_model(nn::WeightFile& file) {
  check_format(file, format_name);
  StoredLanguageModel model;
  model.name = metadata_of(file, "model");
  const LanguageRow& row = language_row(model.name);
  model.seed = static_cast<std::uint64_t>(get_setting(file, settings::seed));
  model.settings = get_settings(file, row);
  model.unit = text_unit_of(metadata_of(file, "unit"));
  model.fingerprint = get_label(file, "data");
  model.described = get_description(file);
  model.vocabulary = get_ids(file, "vocabulary");
  if (model.vocabulary.find(unknown_unit) < 0)
    throw Error(fmt::format("its vocabulary lacks {}", unknown_unit));
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.model = std::make_unique<LanguageModel>(scope, model.vocabulary.size(),
                                                  language_model_options(row, model.settings));
  });
  return model;
}

}  // namespace

void save_language_model(const std::string& path, const StoredLanguageModel& model) {
  nn::WeightFile file;
  file.metadata = {
      {"format", format_name}, {"model", model.name}, {"unit", std::string(name_of(model.unit))}};
  put_setting(file, settings::seed, model.seed);
  put_settings(file, language_row(model.name), model.settings);
  put_label(file, "data", model.fingerprint);
  put_description(file, model.described);
  put_texts(file, "vocabulary", model.vocabulary.size(),
            [&](Index i) { return model.vocabulary.name(i); });
  put_weights(file, *model.parameters);
  save_sealed(path, std::move(file));
}

StoredLanguageModel load_language_model(const std::string& path) {
  nn::WeightFile file = load_sealed(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no model of language: {}", path, error.what()));
  }
}

bool is_language_file(const std::string& path) {
  return has_format(path, "tapegrad language model");
}

}  // namespace tapegrad::apps
