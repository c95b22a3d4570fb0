// A made-up shop whose truth is known: what the generator decides by is what models should find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {

struct ShopOptions {
  Index users = 1000;
  Index items = 500;
  Index events = 50'000;
  Index impressions = 20'000;
  Index sessions = 10'000;
  Index categories = 12;
  std::uint64_t seed = 1;
};

// Users prefer categories, items have a quality and a price:
//   P(click | u, i, position) = σ(-1.5 + 1.2 log(categories · preference_u(category_i)) +
//                                 0.5 quality_i) / (1 + 0.3 (position - 1))
//   P(purchase | click, u, i) = σ(-1 + 0.8 quality_i - sensitivity_u (log price_i - 3))
// A twentieth of the items comes into the shop in the course of the year.
class Shop {
 public:
  // Throws OptionError for sizes that make no shop.
  explicit Shop(const ShopOptions& options);

  struct Item {
    std::int32_t category = 0;
    float quality = 0.0F;
    float price = 0.0F;
    std::int32_t stock = 0;
    float available_from = 0.0F;  // part of the year
    std::string title, description;
  };
  struct User {
    float sensitivity = 0.0F;  // to prices
    float activity = 0.0F;
    std::int32_t age = 0;
    std::int32_t country = 0;
  };

  const ShopOptions& options() const { return options_; }
  const std::vector<Item>& items() const { return items_; }
  const std::vector<User>& users() const { return users_; }
  double preference(Index user, Index category) const {
    return static_cast<double>(
        preferences_[static_cast<std::size_t>(user * options_.categories + category)]);
  }
  double click_probability(Index user, Index item, Index position) const;
  // Of somebody who clicked.
  double purchase_probability(Index user, Index item) const;

  // A user by activity, and an item that is there at this part of the year, by the user's
  // preferences and the items' popularity.
  Index draw_user(Random& random) const;
  Index draw_item(Random& random, Index user, double year) const;

 private:
  void make_items(Random& random);
  void make_users(Random& random);

  ShopOptions options_;
  std::vector<Item> items_;
  std::vector<User> users_;
  std::vector<float> preferences_;            // [users, categories], each user's sum to 1
  std::vector<double> cumulative_activity_;   // by user
  std::vector<std::vector<Index>> items_of_;  // by category, the popular ones first
  std::vector<std::vector<double>> cumulative_popularity_;  // parallel
};

// events.csv: user,item,event,time,price,quantity; the events are views, carts, purchases and
// returns (purchases with a negative quantity), in the order of their times.
void write_events(const Shop& shop, const std::string& path);
// Of a session with these items, oldest first, the last one's purchase. Visitors are nameless, and
// as sensitive to prices as the average user:
//   P(purchase) = σ(-2.5 + 1.8·[the last item lies in the cart] + 0.5·min(carts, 3) +
//                   0.7·min(visits of the last item before, 3) + 0.8·quality -
//                   0.6·(log price - 3))
double session_purchase_probability(const Shop& shop, const std::vector<Index>& viewed, Index carts,
                                    bool last_in_cart);
// sessions.csv: session,item,event,time,price: views of items of mostly one category, some of them
// again, with carts, and a purchase at the end of some sessions. sessions_truth.csv:
// session,probability,purchase: what a model can know at best, and what came about.
void write_sessions(const Shop& shop, const std::string& sessions, const std::string& truth);
// items.csv: item,title,category,tags,price,stock,description.
void write_items(const Shop& shop, const std::string& path);
// users.csv: user,age,country,sensitivity.
void write_users(const Shop& shop, const std::string& path);
// impressions.csv: impression,user,item,position,click,purchase,price,propensity,
// click_probability,purchase_probability: what a known policy showed, each item one of ten
// candidates, with the probability that it was shown. policy.csv: impression,item,probability: what
// another policy would have shown, for all candidates. Returns the truth of both as JSON.
std::string write_impressions(const Shop& shop, const std::string& impressions,
                              const std::string& policy);

}  // namespace tapegrad::apps
