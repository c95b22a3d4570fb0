#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {

void put_texts(nn::WeightFile& file, const std::string& name, Index count, const std::function<std::string(Index)>& text_of) {
  std::string bytes;
  Array ends({count}, Dtype::int64);
  for (Index i = 0; i < count; ++i) {
    bytes += text_of(i);
    ends.values<Index>()[static_cast<std::size_t>(i)] = static_cast<Index>(bytes.size());
  }
  file.bytes.emplace(name + ".text", std::move(bytes));
  file.tensors.emplace(name + ".ends", std::move(ends));
}

const Array& tensor_of(const nn::WeightFile& file, const std::string& name, Dtype dtype) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw Error(fmt::format("it lacks the tensor {}", name));
  if (found->second.dtype() != dtype)
    throw Error(fmt::format("its tensor {} is {}, expected {}", name, name_of(found->second.dtype()), name_of(dtype)));
  return found->second;
}

std::vector<std::string> get_texts(const nn::WeightFile& file, const std::string& name) {
  const auto bytes = file.bytes.find(name + ".text");
  if (bytes == file.bytes.end()) throw Error(fmt::format("it lacks the tensor {}.text", name));
  std::vector<std::string> texts;
  Index begin = 0;
  for (const Index end : tensor_of(file, name + ".ends", Dtype::int64).values<Index>()) {
    if (end < begin || end > static_cast<Index>(bytes->second.size()))
      throw Error(fmt::format("its {} do not fit their text", name));
    texts.push_back(bytes->second.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    begin = end;
  }
  return texts;
}

IdMap get_ids(const nn::WeightFile& file, const std::string& name) {
  IdMap ids;
  for (const std::string& text : get_texts(file, name)) {
    if (ids.find(text) >= 0) throw Error(fmt::format("its {} name {} twice", name, text));
    ids.insert(text);
  }
  return ids;
}

std::string metadata_of(const nn::WeightFile& file, const std::string& name) {
  const auto found = file.metadata.find(name);
  if (found == file.metadata.end()) throw Error(fmt::format("its metadata lack {}", name));
  return found->second;
}

void put_weights(nn::WeightFile& file, const Parameters& parameters) {
  for (auto& [name, array] : nn::weights_of(parameters)) file.tensors.emplace("model." + name, array);
}

void get_weights(const nn::WeightFile& file, Parameters& parameters) {
  std::map<std::string, Array> weights;
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with("model.")) weights.emplace(name.substr(6), array);
  }
  nn::set_weights(parameters, weights);
}

}  // namespace tapegrad::apps
