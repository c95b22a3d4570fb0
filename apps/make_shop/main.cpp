// make-shop: writes a made-up shop of any size from a seed.
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>

#include "shop.h"

namespace {

namespace po = boost::program_options;
using namespace tapegrad::apps;

po::options_description description() {
  const ShopOptions standard;
  po::options_description all =
      options_group("make-shop: writes the tables of a generated shop, and what is true of it");
  add_help(all);
  all.add_options()("out", po::value<std::string>()->value_name("FILE")->required(),
                    "the folder to write to, which is made if it is not there (required)")(
      "users", po::value<tapegrad::Index>()->value_name("N")->default_value(standard.users),
      "how many users")(
      "items", po::value<tapegrad::Index>()->value_name("N")->default_value(standard.items),
      "how many items")(
      "events", po::value<tapegrad::Index>()->value_name("N")->default_value(standard.events),
      "how many views, carts, purchases and returns")(
      "impressions",
      po::value<tapegrad::Index>()->value_name("N")->default_value(standard.impressions),
      "how many items that were shown, with the probability that they were")(
      "sessions", po::value<tapegrad::Index>()->value_name("N")->default_value(standard.sessions),
      "how many sessions of nameless visitors")(
      "categories",
      po::value<tapegrad::Index>()->value_name("N")->default_value(standard.categories),
      "how many categories of items")("seed",
                                      po::value<std::int64_t>()->value_name("N")->default_value(1),
                                      "the seed of everything that is drawn, 0 or more");
  return all;
}

int make(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const auto number = [&](const char* name) { return (*given)[name].as<tapegrad::Index>(); };
  const Shop shop(
      {.users = number("users"),
       .items = number("items"),
       .events = number("events"),
       .impressions = number("impressions"),
       .sessions = number("sessions"),
       .categories = number("categories"),
       .seed = static_cast<std::uint64_t>(bounded<std::int64_t>(
           *given, settings::seed.name, settings::seed.least, settings::seed.greatest))});
  const std::filesystem::path folder = (*given)["out"].as<std::string>();
  std::filesystem::create_directories(folder);
  write_items(shop, folder / "items.csv");
  write_users(shop, folder / "users.csv");
  write_events(shop, folder / "events.csv");
  write_sessions(shop, folder / "sessions.csv", folder / "sessions_truth.csv");
  const std::string truth =
      write_impressions(shop, folder / "impressions.csv", folder / "policy.csv");
  std::ofstream file(folder / "truth.json");
  if (!(file << truth << '\n').flush())
    throw DataError(fmt::format("{}: cannot be written", (folder / "truth.json").string()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_program("make-shop", make, argc, argv); }
