// What the files of models consist of besides weights.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {

// Throws Error where it is missing.
std::string metadata_of(const nn::WeightFile& file, const std::string& name);

// Throws Error for a file of another format.
void check_format(const nn::WeightFile& file, const std::string& format);

// A setting in the metadata. Both throw OptionError outside of its bounds; reading also for a text
// that is no such number.
template <class Value, class Given>
void put_setting(nn::WeightFile& file, const Setting<Value>& setting, Given value) {
  setting.check(value);
  file.metadata[setting.name] = fmt::format("{}", value);
}
template <class Value>
Value get_setting(const nn::WeightFile& file, const Setting<Value>& setting) {
  return setting.parse(metadata_of(file, setting.name));
}

// A text of 1 to `longest` printable ASCII characters, and such a text in the metadata. These throw
// OptionError for another one; `name` is what it is called.
constexpr std::size_t longest_label = 64;
void check_label(const std::string& name, const std::string& label,
                 std::size_t longest = longest_label);
void put_label(nn::WeightFile& file, const std::string& name, const std::string& label,
               std::size_t longest = longest_label);
std::string get_label(const nn::WeightFile& file, const std::string& name,
                      std::size_t longest = longest_label);

// What a model was trained and evaluated on, in words: the metadata "trained". Throws OptionError
// unless it is "trained on " and more, up to 300 printable ASCII characters.
void put_description(nn::WeightFile& file, const std::string& description);
std::string get_description(const nn::WeightFile& file);

// Texts as bytes one after another, and where each ends: tensors name.text and name.ends.
void put_texts(nn::WeightFile& file, const std::string& name, Index count,
               const std::function<std::string(Index)>& text_of);
// These throw Error for what is missing or of another form.
std::vector<std::string> get_texts(const nn::WeightFile& file, const std::string& name);
IdMap get_ids(const nn::WeightFile& file, const std::string& name);

// A list of numbers, which is a tensor of one axis.
template <class Number>
void put_list(nn::WeightFile& file, const std::string& name, std::span<const Number> numbers) {
  file.tensors.emplace(name, Array::from(numbers, {static_cast<Index>(numbers.size())}));
}
// A matrix of float32 of this shape.
const Array& matrix_in(const nn::WeightFile& file, const std::string& name, const Shape& shape);
const Array& list_of(const nn::WeightFile& file, const std::string& name, Dtype dtype);
template <class Number>
std::span<const Number> get_list(const nn::WeightFile& file, const std::string& name) {
  const Array& list = list_of(file, name, dtype_of<Number>);
  return list.values<Number>();
}

// A model's weights are kept as "model.NAME".
void put_weights(nn::WeightFile& file, const Parameters& parameters);
// Makes a model from the weights, which are moved out of the file: no memory is taken for one that
// the file does not have in the shape that `make` asks for. Throws Error for such a one, and for
// weights that the model does not ask for.
std::unique_ptr<Parameters> get_weights(nn::WeightFile& file, std::uint64_t seed,
                                        const std::function<void(const Scope&)>& make);

}  // namespace tapegrad::apps
