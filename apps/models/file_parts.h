// What the files of models consist of besides weights.
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// Texts as bytes one after another, and where each ends: tensors name.text and name.ends.
void put_texts(nn::WeightFile& file, const std::string& name, Index count, const std::function<std::string(Index)>& text_of);
// The rest throws Error for what is missing or of another form.
std::vector<std::string> get_texts(const nn::WeightFile& file, const std::string& name);
IdMap get_ids(const nn::WeightFile& file, const std::string& name);
const Array& tensor_of(const nn::WeightFile& file, const std::string& name, Dtype dtype);
std::string metadata_of(const nn::WeightFile& file, const std::string& name);
template <class T>
T number_of(const nn::WeightFile& file, const std::string& name) {
  const std::string text = metadata_of(file, name);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) throw Error(fmt::format("its metadata say {} = {}", name, text));
  return value;
}

// A model's weights are kept as "model.NAME".
void put_weights(nn::WeightFile& file, const Parameters& parameters);
void get_weights(const nn::WeightFile& file, Parameters& parameters);

}  // namespace tapegrad::apps
