#include <tapegrad/apps/evaluation/dot_scores.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <Eigen/Core>

namespace tapegrad::apps {
namespace {

constexpr std::size_t lanes = 8;
using Lanes = Eigen::Array<float, lanes, 1>;

std::size_t padded(Index width) {
  return (static_cast<std::size_t>(width) + lanes - 1) / lanes * lanes;
}

// The products of several users' vectors with one item's. Each has its own lanes, which are filled
// in the same order whatever their number is.
template <std::size_t Users>
std::array<float, Users> products(const float* users, const float* item, std::size_t pitch) {
  std::array<Lanes, Users> sums;
  sums.fill(Lanes::Zero());
  for (std::size_t at = 0; at < pitch; at += lanes) {
    const Lanes own = Eigen::Map<const Lanes>(item + at);
    for (std::size_t user = 0; user < Users; ++user)
      sums[user] += Eigen::Map<const Lanes>(users + user * pitch + at) * own;
  }
  std::array<float, Users> result;
  for (std::size_t user = 0; user < Users; ++user) result[user] = sums[user].sum();
  return result;
}

}  // namespace

DotScores::DotScores(std::span<const float> items, std::span<const float> biases, Index width)
    : count_(static_cast<Index>(items.size()) / std::max<Index>(1, width)),
      width_(width),
      pitch_(padded(width)),
      vectors_(static_cast<std::size_t>(count_) * pitch_, 0.0F),
      biases_(biases.begin(), biases.end()) {
  for (std::size_t item = 0; item < static_cast<std::size_t>(count_); ++item)
    std::copy_n(items.begin() + static_cast<std::ptrdiff_t>(item * static_cast<std::size_t>(width)),
                width, vectors_.begin() + static_cast<std::ptrdiff_t>(item * pitch_));
}

void DotScores::score(std::span<const float> user, std::span<const std::int32_t> items,
                      std::span<float> scores) const {
  if (items.empty()) {
    score_all(user, scores);
    return;
  }
  std::vector<float> own(pitch_, 0.0F);
  std::ranges::copy(user, own.begin());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto item = static_cast<std::size_t>(items[i]);
    scores[i] = products<1>(own.data(), vectors_.data() + item * pitch_, pitch_)[0] +
                (biases_.empty() ? 0.0F : biases_[item]);
  }
}

void DotScores::score_all(std::span<const float> users, std::span<float> scores) const {
  constexpr std::size_t together = 4;
  constexpr std::size_t tile_bytes = 1 << 15;  // of items that stay in the nearest cache
  const auto width = static_cast<std::size_t>(width_), count = static_cast<std::size_t>(count_);
  const std::size_t all = users.size() / std::max<std::size_t>(1, width);
  const std::size_t groups = (all + together - 1) / together;
  std::vector<float> own(groups * together * pitch_, 0.0F);
  for (std::size_t user = 0; user < all; ++user)
    std::copy_n(users.data() + user * width, width, own.data() + user * pitch_);
  const std::size_t tile =
      std::max<std::size_t>(1, tile_bytes / sizeof(float) / std::max<std::size_t>(1, pitch_));
  for (std::size_t first = 0; first < count; first += tile) {
    const std::size_t last = std::min(count, first + tile);
    for (std::size_t group = 0; group < groups; ++group) {
      const float* const vectors = own.data() + group * together * pitch_;
      const std::size_t here = std::min(together, all - group * together);
      for (std::size_t item = first; item < last; ++item) {
        const float bias = biases_.empty() ? 0.0F : biases_[item];
        const auto found = products<together>(vectors, vectors_.data() + item * pitch_, pitch_);
        for (std::size_t user = 0; user < here; ++user)
          scores[(group * together + user) * count + item] = found[user] + bias;
      }
    }
  }
}

void DotScores::score_similar(std::int32_t item, std::span<float> scores) const {
  const auto vector = [&](std::size_t number) { return vectors_.data() + number * pitch_; };
  const float* const own = vector(static_cast<std::size_t>(item));
  const float own_square = products<1>(own, own, pitch_)[0];
  for (std::size_t other = 0; other < scores.size(); ++other) {
    const float* const its = vector(other);
    const float squares = own_square * products<1>(its, its, pitch_)[0];
    scores[other] = squares > 0.0F ? products<1>(own, its, pitch_)[0] / std::sqrt(squares) : 0.0F;
  }
}

DotRecommender::DotRecommender(std::span<const float> users, DotScores scores, FoldIn fold_in,
                               std::shared_ptr<const void> owner)
    : users_(users),
      scores_(std::move(scores)),
      fold_in_(std::move(fold_in)),
      owner_(std::move(owner)) {}

std::span<const float> DotRecommender::vector_of(std::int32_t user) const {
  const auto width = static_cast<std::size_t>(scores_.width());
  return users_.subspan(static_cast<std::size_t>(user) * width, width);
}

void DotRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                           std::span<float> scores) const {
  scores_.score(vector_of(user), items, scores);
}

void DotRecommender::score_users(std::span<const std::int32_t> users,
                                 std::span<float> scores) const {
  std::vector<float> vectors;
  for (const std::int32_t user : users) {
    const auto own = vector_of(user);
    vectors.insert(vectors.end(), own.begin(), own.end());
  }
  scores_.score_all(vectors, scores);
}

bool DotRecommender::score_person(const Person& person, std::span<float> scores) const {
  if (!fold_in_) return false;
  std::vector<float> vector(static_cast<std::size_t>(scores_.width()));
  if (!fold_in_(person, vector)) return false;
  scores_.score_all(vector, scores);
  return true;
}

bool DotRecommender::score_similar(std::int32_t item, std::span<float> scores) const {
  scores_.score_similar(item, scores);
  return true;
}

}  // namespace tapegrad::apps
