#include <tapegrad/apps/training/memory_need.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr double gigabyte = 1e9;

// Of an event: its numbers of user and item, time, rating and the like, in the table, in a split,
// and in the lists of users.
constexpr double bytes_of_event = 96.0;
constexpr double bytes_of_id = 120.0;  // its text and its place in a map

// Of a network: the weights, their gradients, two moments, the average, the best ones, and those
// that score.
constexpr double copies_of_weights = 7.0;

double rows_of_batch(const PairSourceOptions& pairs, const ModelShape& shape) {
  if (pairs.batch > 0) return static_cast<double>(pairs.batch);
  return std::clamp(static_cast<double>(shape.users) / 23.0, 16.0, 256.0);
}

// The numbers of one batch: what is scored, with gradients and targets.
double numbers_of_batch(const ModelRow& row, const ModelSettings& settings, const ModelShape& shape,
                        const PairSourceOptions& pairs) {
  constexpr double copies = 5.0;
  const double rows = rows_of_batch(pairs, shape);
  const auto items = static_cast<double>(shape.items);
  const double width = row.width(settings);
  switch (pairs.loss) {
    case PairLoss::softmax:
    case PairLoss::sigmoid:
      return copies * rows * items;
    case PairLoss::sampled_softmax:
      return copies * rows * (static_cast<double>(pairs.negatives) + width);
    case PairLoss::pointwise:
    case PairLoss::squared:
      break;
  }
  return copies * rows * 8.0 * width;
}

// The greatest whole number from 1 on for which `fits`, 0 for none; a number that fits is followed
// by none that does not.
template <class Fits>
Index greatest(const Fits& fits) {
  Index low = 0, high = Index{1} << 40;
  while (low + 1 < high) {
    const Index middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace

MemoryNeed memory_need(const ModelRow& row, const ModelSettings& settings, const ModelShape& shape,
                       const PairSourceOptions& pairs) {
  const auto ids = static_cast<double>(shape.users + shape.items);
  MemoryNeed need{.events = bytes_of_event * static_cast<double>(shape.events) + bytes_of_id * ids};
  need.weights = sizeof(float) * row.numbers(settings, shape);
  if (!row.is_neural()) return need;
  need.weights *= copies_of_weights;
  need.batch = sizeof(float) * numbers_of_batch(row, settings, shape, pairs);
  return need;
}

std::string describe_need(const ModelRow& row, const ModelSettings& settings,
                          const ModelShape& shape, const PairSourceOptions& pairs) {
  const MemoryNeed need = memory_need(row, settings, shape, pairs);
  std::string text = fmt::format(
      "{}: needs about {:.2f} GB of memory: {:.2f} GB for {} events, {:.2f} GB for {:.3g} million "
      "{}",
      row.name, need.all() / gigabyte, need.events / gigabyte, shape.events,
      need.weights / gigabyte, row.numbers(settings, shape) / 1e6,
      row.is_neural() ? "weights" : "numbers");
  if (need.batch > 0.0) text += fmt::format(", {:.2f} GB for a batch", need.batch / gigabyte);
  return text;
}

void require_memory(const ModelRow& row, const ModelSettings& settings, const ModelShape& shape,
                    const PairSourceOptions& pairs, double available) {
  const MemoryNeed need = memory_need(row, settings, shape, pairs);
  if (need.all() <= available) return;
  const Index items = greatest([&](Index count) {
    ModelShape other = shape;
    other.items = count;
    return memory_need(row, settings, other, pairs).all() <= available;
  });
  std::string fitting =
      items > 0 ? fmt::format("up to {} items would fit", items) : "no number of items would fit";
  if (need.batch > 0.25 * need.all()) {
    const Index batch = greatest([&](Index count) {
      PairSourceOptions other = pairs;
      other.batch = count;
      return memory_need(row, settings, shape, other).all() <= available;
    });
    if (batch > 0) fitting += fmt::format(", or --batch {}", batch);
  }
  throw OptionError(fmt::format("{}, and {:.2f} GB are available: {}",
                                describe_need(row, settings, shape, pairs), available / gigabyte,
                                fitting));
}

ModelShape shape_of(const Split& split, const EntityFeatures* user_features,
                    const EntityFeatures* item_features) {
  const auto vocabulary = [](const EntityFeatures* features) {
    return features != nullptr ? features->vocabulary() : Index{0};
  };
  return {.users = split.training.user_ids.size(),
          .items = split.training.item_ids.size(),
          .events = split.training.size(),
          .user_features = vocabulary(user_features),
          .item_features = vocabulary(item_features),
          .has_weights = split.pairs->has_weights()};
}

double available_memory() {
  double available = std::numeric_limits<double>::infinity();
  std::ifstream info("/proc/meminfo");
  std::string name;
  for (double kilobytes = 0.0; info >> name >> kilobytes;) {
    if (name == "MemAvailable:") available = 1024.0 * kilobytes;
    std::getline(info, name);
  }
  // A container's own limit. What it uses includes files that were read, which give way.
  std::ifstream limit("/sys/fs/cgroup/memory.max"), used("/sys/fs/cgroup/memory.current");
  std::ifstream parts("/sys/fs/cgroup/memory.stat");
  double most = 0.0, now = 0.0;
  if (!(limit >> most && used >> now)) return available;
  for (double bytes = 0.0; parts >> name >> bytes;) {
    if (name == "active_file" || name == "inactive_file") now -= bytes;
  }
  return std::min(available, std::max(0.0, most - now));
}

}  // namespace tapegrad::apps
