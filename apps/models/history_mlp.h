// A multi-layer perceptron on what a user has.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

struct HistoryMlpOptions {
  std::vector<Index> hidden{64, 32};
  double dropout = 0.0;        // of hidden numbers, while training
  double input_dropout = 0.0;  // of the items of histories, while training
};

// Scores of all items from a user's purchases R [items] (1 where it has an item that is to be
// predicted) and behaviour B [items] (what each of its items counts):
//   h₁ = relu(W_R R/|R| + W_B B/|B| + b₁),   h_k = relu(W_k h_{k-1} + b_k),   logits = V h + c.
// Where events have neither types nor weights by their age, B is R, and is left out. A user's own
// id plays no part, so any history can be scored. Hiding some of the input while all of R is
// predicted makes it learn what goes with what. Sources: Covington, Adams & Sargin, RecSys 2016,
// section 3; input dropout and norm: Liang et al., WWW 2018, section 2.2 (Mult-DAE).
class HistoryMlp : public InteractionModel {
 public:
  HistoryMlp(const Scope& scope, const ModelInputs& inputs, const HistoryMlpOptions& options);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;
  Tensor all_logits(Tape& tape, std::span<const std::int32_t> users) const override;
  Vectors vectors(Tape& tape, std::span<const std::int32_t> users,
                  std::span<const std::int32_t> items) const override;
  std::unique_ptr<const Recommender> recommender(Index items) const override;

  // R and B of somebody.
  struct Inputs {
    Person purchases, behaviour;
  };
  // The last hidden layer [people, width], and the same of rows of R and B [people, items].
  Tensor hidden(Tape& tape, std::span<const Inputs> people) const;
  Tensor hidden(const Tensor& purchases, const Tensor& behaviour) const;
  // Of a user of the training.
  Inputs inputs_of(std::int32_t user) const;
  const nn::Linear& output() const { return output_; }

 private:
  std::shared_ptr<const UserItems> pairs_, targets_;
  HistoryMlpOptions options_;
  nn::Linear purchases_;
  std::optional<nn::Linear> behaviour_;
  std::vector<nn::Linear> layers_;
  nn::Linear output_;
};

// Model `history-mlp`.
ModelRow history_mlp_row();

}  // namespace tapegrad::apps
