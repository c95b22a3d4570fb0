#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "csv_table.h"
#include "shop.h"

namespace tapegrad::apps {
namespace {

class EventWriter {
 public:
  EventWriter(const Shop& shop, const std::string& path)
      : shop_(shop),
        table_(path, "user,item,event,time,price,quantity"),
        random_(shop.options().seed, 3),
        last_bought_(shop.users().size(), -1) {}

  void write() {
    const Index all = shop_.options().events;
    while (written_ < all) visit(static_cast<double>(written_) / static_cast<double>(all));
    table_.commit();
  }

 private:
  // A user looks at an item, and may put it into the cart, buy it and send it back.
  void visit(double year) {
    const Index user = shop_.draw_user(random_);
    Index& last = last_bought_[static_cast<std::size_t>(user)];
    const bool comes_again = last >= 0 && random_.below(6) == 0;
    const Index item = comes_again ? last : shop_.draw_item(random_, user, year);
    add(user, item, "view", year, 1);
    const double chance = shop_.purchase_probability(user, item);
    if (random_.uniform(0.0, 1.0) >= std::sqrt(chance)) return;
    add(user, item, "cart", year, 1);
    if (random_.uniform(0.0, 1.0) >= std::sqrt(chance)) return;
    const Index pieces = 1 + std::min(random_.below(3), random_.below(3));
    add(user, item, "purchase", year, pieces);
    last = item;
    if (random_.below(40) == 0) add(user, item, "purchase", year, -pieces);
  }

  void add(Index user, Index item, std::string_view type, double year, Index pieces) {
    if (written_ >= shop_.options().events) return;
    ++written_;
    table_.add("u{},i{},{},{:.0f},{:.2f},{}\n", user + 1, item + 1, type,
               first_second + year * year_seconds,
               shop_.items()[static_cast<std::size_t>(item)].price, pieces);
  }

  const Shop& shop_;
  CsvTable table_;
  Random random_;
  std::vector<Index> last_bought_;
  Index written_ = 0;
};

}  // namespace

void write_events(const Shop& shop, const std::string& path) { EventWriter(shop, path).write(); }

void write_items(const Shop& shop, const std::string& path) {
  CsvTable table(path, "item,title,category,tags,price,stock,description");
  Index number = 0;
  for (const Shop::Item& item : shop.items()) {
    table.add("i{},{},c{},{}|{},{:.2f},{},\"{}\"\n", ++number, item.title, item.category + 1,
              item.price < 15.0F ? "cheap" : "dear", item.quality > 0.0F ? "good" : "plain",
              item.price, item.stock, item.description);
  }
  table.commit();
}

void write_users(const Shop& shop, const std::string& path) {
  constexpr std::array<std::string_view, 5> countries = {"DE", "FR", "GB", "NL", "PL"};
  CsvTable table(path, "user,age,country,sensitivity");
  Index number = 0;
  for (const Shop::User& user : shop.users())
    table.add("u{},{},{},{:.3f}\n", ++number, user.age,
              countries[static_cast<std::size_t>(user.country)], user.sensitivity);
  table.commit();
}

std::string write_impressions(const Shop& shop, const std::string& impressions,
                              const std::string& policy) {
  constexpr std::size_t candidate_count = 10;
  CsvTable shown(impressions,
                 "impression,user,item,position,click,purchase,price,propensity,click_probability,"
                 "purchase_probability");
  CsvTable other(policy, "impression,item,probability");
  Random random(shop.options().seed, 4);
  double log_clicks = 0.0, log_purchases = 0.0, log_revenue = 0.0;
  double policy_clicks = 0.0, policy_purchases = 0.0, policy_revenue = 0.0;
  for (Index impression = 0; impression < shop.options().impressions; ++impression) {
    const Index user = shop.draw_user(random), position = 1 + random.below(3);
    std::array<Index, candidate_count> items{};
    std::array<double, candidate_count> logged{}, wanted{};
    double logged_sum = 0.0, wanted_sum = 0.0;
    for (std::size_t c = 0; c < candidate_count; ++c) {
      // Without repetition where the shop is large enough.
      do items[c] = random.below(shop.options().items);
      while (shop.options().items > 2 * static_cast<Index>(candidate_count) &&
             std::find(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(c), items[c]) !=
                 items.begin() + static_cast<std::ptrdiff_t>(c));
      const Shop::Item& item = shop.items()[static_cast<std::size_t>(items[c])];
      const double quality = static_cast<double>(item.quality);
      logged_sum += logged[c] = std::exp(0.6 * quality);
      wanted_sum += wanted[c] = std::exp(2.0 * shop.click_probability(user, items[c], 1));
    }
    double at = random.uniform(0.0, logged_sum);
    std::size_t chosen = 0;
    while (chosen + 1 < candidate_count && at >= logged[chosen]) at -= logged[chosen++];
    for (std::size_t c = 0; c < candidate_count; ++c) {
      const double share = wanted[c] / wanted_sum;
      const double click = shop.click_probability(user, items[c], position);
      const double purchase = click * shop.purchase_probability(user, items[c]);
      const auto price =
          static_cast<double>(shop.items()[static_cast<std::size_t>(items[c])].price);
      policy_clicks += share * click;
      policy_purchases += share * purchase;
      policy_revenue += share * purchase * price;
      log_clicks += logged[c] / logged_sum * click;
      log_purchases += logged[c] / logged_sum * purchase;
      log_revenue += logged[c] / logged_sum * purchase * price;
      other.add("{},i{},{:.9g}\n", impression + 1, items[c] + 1, share);
    }
    const Index item = items[chosen];
    const double click = shop.click_probability(user, item, position);
    const double purchase = shop.purchase_probability(user, item);
    const bool clicks = random.uniform(0.0, 1.0) < click;
    const bool buys = random.uniform(0.0, 1.0) < purchase && clicks;
    shown.add("{},u{},i{},{},{},{},{:.2f},{:.9g},{:.9g},{:.9g}\n", impression + 1, user + 1,
              item + 1, position, clicks ? 1 : 0, buys ? 1 : 0,
              shop.items()[static_cast<std::size_t>(item)].price, logged[chosen] / logged_sum,
              click, click * purchase);
  }
  shown.commit();
  other.commit();
  const double count = static_cast<double>(std::max<Index>(1, shop.options().impressions));
  const auto rates = [&](double clicks, double purchases, double revenue) {
    return nlohmann::json{{"click_rate", clicks / count},
                          {"conversion", purchases / count},
                          {"revenue_per_thousand", 1000.0 * revenue / count}};
  };
  return nlohmann::json{{"logged", rates(log_clicks, log_purchases, log_revenue)},
                        {"policy", rates(policy_clicks, policy_purchases, policy_revenue)}}
      .dump(2);
}

}  // namespace tapegrad::apps
