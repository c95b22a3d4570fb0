#include <tapegrad/apps/models/sequence_defaults.h>

#include <algorithm>
#include <string>
#include <vector>

#include <tapegrad/apps/models/registry_rows.h>

namespace tapegrad::apps {
namespace {

constexpr Index many_items = 20'000, many_events = 500'000;
constexpr Index most_logits = Index{1} << 24;  // of sampled items, in a batch of windows

Index length_for(const Sessions& training) {
  std::vector<Index> lengths;
  for (Index s = 0; s < training.count(); ++s)
    lengths.push_back(static_cast<Index>(training.of(s).size()));
  if (lengths.empty()) return 50;
  const auto ninth = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() * 9 / 10);
  std::ranges::nth_element(lengths, ninth);
  return *ninth <= 50 ? 50 : *ninth <= 100 ? 100 : 200;
}

// Windows of a session are as many as it takes to have each event in one.
Index windows_for(const Sessions& training, Index length) {
  constexpr Index updates = 130;  // of an epoch
  Index windows = 0;
  for (Index s = 0; s < training.count(); ++s) {
    const auto targets = static_cast<Index>(training.of(s).size()) - 1;
    windows += (std::max<Index>(0, targets) + length - 1) / length;
  }
  return std::clamp<Index>(windows / updates, 16, 512);
}

Index lanes_for(const Sessions& training) {
  const auto events = static_cast<Index>(training.events.size());
  return events < 20'000 ? 32 : events < many_events ? 64 : 128;
}

}  // namespace

ModelSettings decided(const SequenceRow& row, const ModelSettings& settings,
                      const Sessions& training) {
  namespace names = sequence_options;
  ModelSettings own = settings;
  const auto decide = [&](const ModelOption& option, const std::string& value) {
    if (find_option(row, option) != nullptr && own.is_auto(option)) own.set(option, value);
  };
  const bool has_many = training.items.size() > many_items;
  decide(names::length, std::to_string(length_for(training)));
  decide(names::dropout, static_cast<Index>(training.events.size()) < many_events ? "0.3" : "0.2");
  decide(names::loss, has_many ? "sampled-softmax" : "softmax");
  decide(names::negatives, has_many ? "2048" : "512");
  if (find_option(row, names::length) == nullptr) {
    decide(names::batch, std::to_string(lanes_for(training)));
    return own;
  }
  const Index length = own.whole(names::length);
  Index windows = windows_for(training, length);
  if (find_option(row, names::loss) != nullptr) {
    const NextItemLoss loss = next_item_loss_of(own.text(names::loss));
    if (loss != NextItemLoss::softmax && loss != NextItemLoss::bce)
      windows = std::clamp<Index>(most_logits / length / own.whole(names::negatives), 1, windows);
  }
  decide(names::batch, std::to_string(windows));
  return own;
}

}  // namespace tapegrad::apps
