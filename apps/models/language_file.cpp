#include <tapegrad/apps/models/language_file.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad language model 1";

StoredLanguageModel read_model(nn::WeightFile& file) {
  StoredLanguageModel model;
  const LanguageRow row = get_row(file, format_name, language_row, model);
  model.unit = text_unit_of(metadata_of(file, "unit"));
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
  put_row(file, format_name, language_row(model.name), model);
  file.metadata["unit"] = name_of(model.unit);
  put_texts(file, "vocabulary", model.vocabulary.size(),
            [&](Index i) { return model.vocabulary.name(i); });
  put_weights(file, *model.parameters);
  save_sealed(path, std::move(file));
}

StoredLanguageModel load_language_model(const std::string& path) {
  return load_as("model of language", path, read_model);
}

bool is_language_file(const std::string& path) {
  return has_format(path, "tapegrad language model");
}

}  // namespace tapegrad::apps
