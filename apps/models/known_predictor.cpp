#include <algorithm>
#include <limits>

#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {
namespace {

class KnownPredictor : public NextItemPredictor {
 public:
  KnownPredictor(std::unique_ptr<const NextItemPredictor> learnt,
                 const std::vector<std::int32_t>& unlearnt)
      : learnt_(std::move(learnt)), unlearnt_(unlearnt) {}

  void score(std::span<const History> histories, std::span<float> scores) const override {
    learnt_->score(histories, scores);
    const std::size_t items = scores.size() / std::max<std::size_t>(1, histories.size());
    for (std::size_t h = 0; h < histories.size(); ++h) {
      for (const std::int32_t item : unlearnt_)
        scores[h * items + static_cast<std::size_t>(item)] =
            std::numeric_limits<float>::quiet_NaN();
    }
  }

 private:
  std::unique_ptr<const NextItemPredictor> learnt_;
  std::vector<std::int32_t> unlearnt_;
};

}  // namespace

std::vector<std::int32_t> unlearnt_items(const Sessions& training, const std::string& name) {
  std::vector<bool> learnt(static_cast<std::size_t>(training.items.size()), false);
  const std::size_t shortest = sequence_row(name).shortest_session;
  for (Index s = 0; s < training.count(); ++s) {
    if (training.of(s).size() < shortest) continue;
    for (const std::int32_t item : training.of(s).items)
      learnt[static_cast<std::size_t>(item)] = true;
  }
  std::vector<std::int32_t> items;
  for (std::size_t item = 0; item < learnt.size(); ++item) {
    if (!learnt[item]) items.push_back(static_cast<std::int32_t>(item));
  }
  return items;
}

std::unique_ptr<NextItemPredictor> known_predictor(std::unique_ptr<const NextItemPredictor> learnt,
                                                   const std::vector<std::int32_t>& unlearnt) {
  return std::make_unique<KnownPredictor>(std::move(learnt), unlearnt);
}

}  // namespace tapegrad::apps
