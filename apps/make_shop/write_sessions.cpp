#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "csv_table.h"
#include "shop.h"

namespace tapegrad::apps {
namespace {

// A visitor looks at items, comes back to some, and puts some into the cart.
struct Visit {
  std::vector<Index> viewed;
  std::vector<bool> in_cart;  // by view: whether the item was put into the cart then
  Index carts() const { return std::ranges::count(in_cart, true); }
};

Visit draw_visit(const Shop& shop, Random& random, double year) {
  const Index visitor = shop.draw_user(random);  // whose taste it is
  Visit visit;
  const Index wanted =
      1 + std::min<Index>(29, static_cast<Index>(-4.0 * std::log(1.0 - random.uniform(0.0, 1.0))));
  while (static_cast<Index>(visit.viewed.size()) < wanted) {
    const bool comes_back = !visit.viewed.empty() && random.below(4) == 0;
    const Index item = comes_back ? visit.viewed[static_cast<std::size_t>(
                                        random.below(static_cast<Index>(visit.viewed.size())))]
                                  : shop.draw_item(random, visitor, year);
    const bool again = std::ranges::find(visit.viewed, item) != visit.viewed.end();
    visit.viewed.push_back(item);
    visit.in_cart.push_back(random.uniform(0.0, 1.0) < (again ? 0.35 : 0.15));
  }
  return visit;
}

}  // namespace

double session_purchase_probability(const Shop& shop, const std::vector<Index>& viewed, Index carts,
                                    bool last_in_cart) {
  const Index last = viewed.back();
  const Shop::Item& item = shop.items()[static_cast<std::size_t>(last)];
  const auto visits_before = std::ranges::count(viewed, last) - 1;
  const double logit = -2.5 + (last_in_cart ? 1.8 : 0.0) +
                       0.5 * static_cast<double>(std::min<Index>(carts, 3)) +
                       0.7 * static_cast<double>(std::min<Index>(visits_before, 3)) +
                       0.8 * static_cast<double>(item.quality) -
                       0.6 * (std::log(static_cast<double>(item.price)) - 3.0);
  return 1.0 / (1.0 + std::exp(-logit));
}

void write_sessions(const Shop& shop, const std::string& sessions, const std::string& truth) {
  CsvTable table(sessions, "session,item,event,time,price");
  CsvTable known(truth, "session,probability,purchase");
  Random random(shop.options().seed, 5);
  const Index count = shop.options().sessions;
  for (Index s = 0; s < count; ++s) {
    const double year = static_cast<double>(s) / static_cast<double>(count);
    const Visit visit = draw_visit(shop, random, year);
    double time = first_second + year * year_seconds;
    const auto add = [&](Index item, std::string_view event) {
      table.add("s{},i{},{},{:.0f},{:.2f}\n", s + 1, item + 1, event, time,
                shop.items()[static_cast<std::size_t>(item)].price);
      time += 1.0 - 40.0 * std::log(1.0 - random.uniform(0.0, 1.0));
    };
    for (std::size_t i = 0; i < visit.viewed.size(); ++i) {
      add(visit.viewed[i], "view");
      if (visit.in_cart[i]) add(visit.viewed[i], "cart");
    }
    const double probability =
        session_purchase_probability(shop, visit.viewed, visit.carts(), visit.in_cart.back());
    const bool buys = random.uniform(0.0, 1.0) < probability;
    if (buys) add(visit.viewed.back(), "purchase");
    known.add("s{},{:.9g},{}\n", s + 1, probability, buys ? 1 : 0);
  }
  table.commit();
  known.commit();
}

}  // namespace tapegrad::apps
