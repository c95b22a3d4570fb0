#include "workload.h"

#include <algorithm>
#include <stdexcept>

namespace bench {

tg::Index Workload::step() {
  tape_.clear();
  loss_ = record(tape_);
  tg::Gradients gradients = tg::backward(loss_);
  update(gradients);
  return units_;
}

void Workload::load(const tg::nn::WeightFile& file) {
  std::map<std::string, tg::Array> weights, inputs;
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with("param.")) weights.emplace(name.substr(6), array);
    if (name.starts_with("input.")) inputs.emplace(name.substr(6), array);
  }
  tg::nn::set_weights(parameters_, weights);
  set_inputs(inputs);
}

std::vector<Entry> workloads() {
  return {{"op_overhead", "node", make_op_overhead},
          {"mlp_recommender", "sample", make_mlp_recommender},
          {"neumf", "sample", make_neumf},
          {"lstm_custom", "token", make_lstm_custom},
          {"lstm_varying", "token", make_lstm_varying},
          {"tree_lstm", "node", make_tree_lstm},
          {"rnn_next_item", "token", make_rnn_next_item},
          {"gru_sessions", "token", make_gru_sessions},
          {"lstm_chars", "token", make_lstm_chars},
          {"lstm_lm", "token", make_lstm_lm},
          {"lstm_online", "token", make_lstm_online},
          {"sasrec", "sequence", make_sasrec},
          {"cnn_products", "image", make_cnn_products}};
}

std::vector<tg::Index> time_first(const std::vector<tg::Index>& values, tg::Index batch,
                                  tg::Index time) {
  std::vector<tg::Index> turned(values.size());
  for (tg::Index b = 0; b < batch; ++b) {
    for (tg::Index t = 0; t < time; ++t)
      turned[static_cast<std::size_t>(t * batch + b)] =
          values[static_cast<std::size_t>(b * time + t)];
  }
  return turned;
}

std::vector<float> uniform(tg::Random& random, tg::Index count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = random.uniform();
  return values;
}

std::vector<tg::Index> ids(tg::Random& random, tg::Index count, tg::Index below) {
  std::vector<tg::Index> values(static_cast<std::size_t>(count));
  for (tg::Index& value : values) value = random.below(below);
  return values;
}

namespace {

const tg::Array& find(const std::map<std::string, tg::Array>& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) throw std::runtime_error("the file lacks input." + name);
  return found->second;
}

}  // namespace

std::vector<float> floats(const std::map<std::string, tg::Array>& inputs, const std::string& name) {
  const auto values = find(inputs, name).values<float>();
  return {values.begin(), values.end()};
}

std::vector<tg::Index> integers(const std::map<std::string, tg::Array>& inputs,
                                const std::string& name) {
  const auto values = find(inputs, name).values<tg::Index>();
  return {values.begin(), values.end()};
}

}  // namespace bench
