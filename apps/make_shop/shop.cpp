#include "shop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr std::array<std::string_view, 8> adjectives = {"red",   "blue",  "small",   "large",
                                                        "plain", "heavy", "vintage", "round"};
constexpr std::array<std::string_view, 6> materials = {"cotton", "wooden", "steel",
                                                       "paper",  "glass",  "leather"};
constexpr std::array<std::string_view, 16> nouns = {
    "mug",  "lamp",   "scarf", "chair", "clock", "bag",         "candle",   "plate",
    "ring", "puzzle", "towel", "knife", "vase",  "garden tool", "notebook", "toy"};

template <std::size_t Count>
std::string_view one_of(const std::array<std::string_view, Count>& words, Random& random) {
  return words[static_cast<std::size_t>(random.below(static_cast<Index>(Count)))];
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

Index draw(const std::vector<double>& cumulative, Random& random) {
  const double at = random.uniform(0.0, cumulative.back());
  const auto found = std::ranges::upper_bound(cumulative, at) - cumulative.begin();
  return std::min<Index>(found, static_cast<Index>(cumulative.size()) - 1);
}

void check(const ShopOptions& options) {
  const auto require = [](const char* name, Index value, Index least) {
    if (value < least)
      throw OptionError(fmt::format("--{} must be at least {}, got {}", name, least, value));
  };
  require("users", options.users, 1);
  require("items", options.items, 1);
  require("categories", options.categories, 1);
  require("events", options.events, 0);
  require("impressions", options.impressions, 0);
  require("sessions", options.sessions, 0);
  if (options.categories > options.items)
    throw OptionError(fmt::format("--categories ({}) must be at most --items ({})",
                                  options.categories, options.items));
}

}  // namespace

Shop::Shop(const ShopOptions& options) : options_(options) {
  check(options);
  Random items(options.seed, 1), users(options.seed, 2);
  make_items(items);
  make_users(users);
}

void Shop::make_items(Random& random) {
  items_of_.resize(static_cast<std::size_t>(options_.categories));
  for (Index i = 0; i < options_.items; ++i) {
    Item item;
    // Every category has an item, and the first ones have more.
    const Index drawn =
        std::min(random.below(options_.categories), random.below(options_.categories));
    const Index category = i < options_.categories ? i : drawn;
    const std::string_view noun = nouns[static_cast<std::size_t>(category) % nouns.size()];
    const std::string_view adjective = one_of(adjectives, random);
    const std::string_view material = one_of(materials, random);
    item.category = static_cast<std::int32_t>(category);
    item.quality = static_cast<float>(random.normal());
    item.price =
        static_cast<float>(std::round(100.0 * std::exp(3.0 + 0.6 * random.normal())) / 100.0);
    item.stock = static_cast<std::int32_t>(random.below(20) == 0 ? 0 : random.below(200));
    const bool is_late = i >= options_.categories && random.below(20) == 0;
    item.available_from = is_late ? random.uniform() : 0.0F;
    item.title = fmt::format("{} {} {} {}", adjective, material, noun, i + 1);
    item.description = fmt::format("A {} {} of {}, {}", adjective, noun, material,
                                   item.quality > 0.5F ? "loved by all" : "for every day");
    items_of_[static_cast<std::size_t>(category)].push_back(i);
    items_.push_back(std::move(item));
  }
  for (const auto& own : items_of_) {
    auto& cumulative = cumulative_popularity_.emplace_back();
    double sum = 0.0;
    for (std::size_t rank = 0; rank < own.size(); ++rank) {
      const double quality =
          static_cast<double>(items_[static_cast<std::size_t>(own[rank])].quality);
      cumulative.push_back(sum += std::exp(0.5 * quality) / (static_cast<double>(rank) + 10.0));
    }
  }
}

void Shop::make_users(Random& random) {
  double sum = 0.0;
  for (Index u = 0; u < options_.users; ++u) {
    User user;
    user.sensitivity = static_cast<float>(0.6 + 0.3 * random.normal());
    user.activity = static_cast<float>(std::exp(random.normal()));
    user.age = static_cast<std::int32_t>(18 + random.below(60));
    user.country = static_cast<std::int32_t>(random.below(5));
    cumulative_activity_.push_back(sum += static_cast<double>(user.activity));
    // Age says something about taste: its decade prefers a category.
    double total = 0.0;
    const std::size_t first = preferences_.size();
    for (Index category = 0; category < options_.categories; ++category) {
      const double liked = user.age / 10 % options_.categories == category ? 1.0 : 0.0;
      const double preference = std::exp(1.3 * random.normal() + liked);
      preferences_.push_back(static_cast<float>(preference));
      total += preference;
    }
    for (std::size_t at = first; at < preferences_.size(); ++at)
      preferences_[at] = static_cast<float>(static_cast<double>(preferences_[at]) / total);
    users_.push_back(user);
  }
}

double Shop::click_probability(Index user, Index item, Index position) const {
  const Item& own = items_[static_cast<std::size_t>(item)];
  const double liked =
      std::log(static_cast<double>(options_.categories) * preference(user, own.category));
  return sigmoid(-1.5 + 1.2 * liked + 0.5 * static_cast<double>(own.quality)) /
         (1.0 + 0.3 * static_cast<double>(position - 1));
}

double Shop::purchase_probability(Index user, Index item) const {
  const Item& own = items_[static_cast<std::size_t>(item)];
  const auto sensitivity = static_cast<double>(users_[static_cast<std::size_t>(user)].sensitivity);
  return sigmoid(-1.0 + 0.8 * static_cast<double>(own.quality) -
                 sensitivity * (std::log(static_cast<double>(own.price)) - 3.0));
}

Index Shop::draw_user(Random& random) const { return draw(cumulative_activity_, random); }

Index Shop::draw_item(Random& random, Index user, double year) const {
  for (;;) {
    double at = random.uniform(0.0, 1.0);
    Index category = 0;
    while (category + 1 < options_.categories && at >= preference(user, category))
      at -= preference(user, category++);
    const auto& own = items_of_[static_cast<std::size_t>(category)];
    const Index item = own[static_cast<std::size_t>(
        draw(cumulative_popularity_[static_cast<std::size_t>(category)], random))];
    if (static_cast<double>(items_[static_cast<std::size_t>(item)].available_from) <= year)
      return item;
  }
}

}  // namespace tapegrad::apps
