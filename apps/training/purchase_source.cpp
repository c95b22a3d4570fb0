#include <tapegrad/apps/training/purchase_source.h>

#include <vector>

namespace tapegrad::apps {
namespace {

std::vector<Index> lengths_of(const Sessions& sessions) {
  std::vector<Index> lengths;
  for (Index s = 0; s < sessions.count(); ++s)
    lengths.push_back(static_cast<Index>(sessions.of(s).size()));
  return lengths;
}

}  // namespace

PurchaseSource::PurchaseSource(const PurchaseModel& model, const PurchaseSessions& sessions,
                               Index batch, std::uint64_t seed)
    : LengthBatchSource(lengths_of(sessions.sessions), batch, seed),
      model_(model),
      sessions_(sessions) {}

Tensor PurchaseSource::loss(Tape& tape) {
  std::vector<History> histories;
  std::vector<float> bought;
  for (const Index s : batch()) {
    histories.push_back(sessions_.sessions.of(s));
    bought.push_back(sessions_.bought[static_cast<std::size_t>(s)] ? 1.0F : 0.0F);
  }
  return binary_cross_entropy_with_logits(model_.logits(tape, histories),
                                          tape.input(bought, {samples()}));
}

}  // namespace tapegrad::apps
