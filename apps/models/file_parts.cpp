#include <tapegrad/apps/models/file_parts.h>

#include <algorithm>

namespace tapegrad::apps {
namespace {

bool is_printable_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void check_description(const std::string& description) {
  constexpr std::size_t longest = 300;
  if (!description.starts_with("trained on ") || description.size() > longest ||
      !is_printable_ascii(description))
    throw OptionError(fmt::format(
        "trained must say \"trained on\" what in at most {} printable ASCII characters, got {}",
        longest, in_quotes(description)));
}

}  // namespace

void check_label(const std::string& name, const std::string& label, std::size_t longest) {
  if (label.empty() || label.size() > longest || !is_printable_ascii(label))
    throw OptionError(fmt::format("{} must be 1 to {} printable ASCII characters, got {}", name,
                                  longest, in_quotes(label)));
}

void put_label(nn::WeightFile& file, const std::string& name, const std::string& label,
               std::size_t longest) {
  check_label(name, label, longest);
  file.metadata[name] = label;
}

std::string get_label(const nn::WeightFile& file, const std::string& name, std::size_t longest) {
  std::string label = metadata_of(file, name);
  check_label(name, label, longest);
  return label;
}

void put_description(nn::WeightFile& file, const std::string& description) {
  check_description(description);
  file.metadata["trained"] = description;
}

std::string get_description(const nn::WeightFile& file) {
  const std::string description = metadata_of(file, "trained");
  check_description(description);
  return description;
}

void put_texts(nn::WeightFile& file, const std::string& name, Index count,
               const std::function<std::string(Index)>& text_of) {
  std::string bytes;
  Array ends({count}, Dtype::int64);
  for (Index i = 0; i < count; ++i) {
    bytes += text_of(i);
    ends.values<Index>()[static_cast<std::size_t>(i)] = static_cast<Index>(bytes.size());
  }
  file.bytes.emplace(name + ".text", std::move(bytes));
  file.tensors.emplace(name + ".ends", std::move(ends));
}

const Array& list_of(const nn::WeightFile& file, const std::string& name, Dtype dtype) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw Error(fmt::format("it lacks the tensor {}", name));
  const Array& list = found->second;
  if (list.dtype() != dtype || list.shape().rank() != 1)
    throw Error(fmt::format("its tensor {} is {} of shape {}, expected {} of one axis", name,
                            name_of(list.dtype()), list.shape().to_string(), name_of(dtype)));
  return list;
}

const Array& matrix_in(const nn::WeightFile& file, const std::string& name, const Shape& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw Error(fmt::format("it lacks the tensor {}", name));
  const Array& matrix = found->second;
  if (matrix.dtype() != Dtype::float32 || matrix.shape() != shape)
    throw Error(fmt::format("its tensor {} is {} of shape {}, expected float32 of shape {}", name,
                            name_of(matrix.dtype()), matrix.shape().to_string(),
                            shape.to_string()));
  return matrix;
}

std::vector<std::string> get_texts(const nn::WeightFile& file, const std::string& name) {
  const auto bytes = file.bytes.find(name + ".text");
  if (bytes == file.bytes.end()) throw Error(fmt::format("it lacks the tensor {}.text", name));
  std::vector<std::string> texts;
  Index begin = 0;
  for (const Index end : get_list<Index>(file, name + ".ends")) {
    if (end < begin || end > static_cast<Index>(bytes->second.size()))
      throw Error(fmt::format(
          "its {0} end at {1} after {2}: {0}.ends must ascend within the {3} bytes of {0}.text",
          name, end, begin, bytes->second.size()));
    texts.push_back(bytes->second.substr(static_cast<std::size_t>(begin),
                                         static_cast<std::size_t>(end - begin)));
    begin = end;
  }
  if (begin != static_cast<Index>(bytes->second.size()))
    throw Error(fmt::format("its {0}.text has {1} bytes, {0}.ends end at {2}", name,
                            bytes->second.size(), begin));
  return texts;
}

IdMap get_ids(const nn::WeightFile& file, const std::string& name) {
  IdMap ids;
  for (const std::string& text : get_texts(file, name)) {
    if (ids.find(text) >= 0)
      throw Error(fmt::format("its {} name {} twice", name, in_quotes(text)));
    ids.insert(text);
  }
  return ids;
}

std::string metadata_of(const nn::WeightFile& file, const std::string& name) {
  const auto found = file.metadata.find(name);
  if (found == file.metadata.end()) throw Error(fmt::format("its metadata lack {}", name));
  return found->second;
}

void check_format(const nn::WeightFile& file, const std::string& format) {
  if (const std::string own = metadata_of(file, "format"); own != format)
    throw Error(fmt::format("its format is {}, expected {}", in_quotes(own), format));
}

void put_weights(nn::WeightFile& file, const Parameters& parameters) {
  for (auto& [name, array] : nn::weights_of(parameters))
    file.tensors.emplace("model." + name, array);
}

std::unique_ptr<Parameters> get_weights(nn::WeightFile& file, std::uint64_t seed,
                                        const std::function<void(const Scope&)>& make) {
  const std::string prefix = "model.";
  auto parameters = std::make_unique<Parameters>(nn::weights_source(file.tensors, prefix), seed);
  make(parameters->root());
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with(prefix))
      throw Error(fmt::format("its settings ask for no weight {} of shape {}",
                              printable(name.substr(prefix.size()), 100),
                              array.shape().to_string()));
  }
  return parameters;
}

}  // namespace tapegrad::apps
