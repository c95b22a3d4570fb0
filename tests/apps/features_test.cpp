// Features of users and items, from tables to what models know by them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/cold_split.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/data/validation_split.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using program_tools::last_line;
using program_tools::Outcome;
using program_tools::shell_quoted;

// The numbers of a field by the names of their places.
std::vector<std::pair<std::string, float>> encoded(const FeatureEncoder& encoder,
                                                   std::string_view field) {
  std::vector<FeatureEntry> row;
  encoder.encode(field, 0, row);
  std::vector<std::pair<std::string, float>> result;
  for (const FeatureEntry& entry : row)
    result.emplace_back(encoder.place_name(entry.place), entry.value);
  return result;
}

FeatureEncoder encoder_of(const std::vector<std::string_view>& fields,
                          std::optional<FeatureKind> kind = {}) {
  return {"f", fields, kind};
}

TEST_CASE("the kind of a feature is found out") {
  CHECK(encoder_of({"1", "2,5", "", "£3"}).kind() == FeatureKind::number);
  CHECK(encoder_of({"01-Jan-1995", "2001-02-03", ""}).kind() == FeatureKind::number);
  CHECK(encoder_of({"1", "two", "3"}).kind() == FeatureKind::category);
  CHECK(encoder_of({"Comedy|Drama", "Comedy", "War"}).kind() == FeatureKind::categories);
  CHECK(encoder_of({"red, blue", "red", "green"}).kind() == FeatureKind::categories);
  CHECK(encoder_of({"a small red mug", "one large blue cup", "the last of all plates"}).kind() ==
        FeatureKind::text);
  CHECK(encoder_of({"1", "2"}, FeatureKind::category).kind() == FeatureKind::category);
}

TEST_CASE("numbers are standardised and lie in tenths, words count by their kind") {
  std::vector<std::string> texts;
  for (int i = 1; i <= 100; ++i) texts.push_back(std::to_string(i));
  const FeatureEncoder number = encoder_of({texts.begin(), texts.end()});
  CHECK(number.width() == 11);
  const auto seventy = encoded(number, "70");
  REQUIRE(seventy.size() == 2);
  CHECK(seventy[0].first == "f");
  CHECK(static_cast<double>(seventy[0].second) ==
        doctest::Approx((70.0 - 50.5) / std::sqrt((100.0 * 100.0 - 1.0) / 12.0)));
  CHECK(seventy[1].first == "f from 61 to 71");
  // Beyond the range of the training a number is the end of that range.
  CHECK(encoded(number, "-5") == encoded(number, "1"));
  CHECK(encoded(number, "1000") == encoded(number, "100"));
  CHECK(encoded(number, "1e25") == encoded(number, "100"));
  CHECK(encoded(number, "1e300").empty());
  CHECK(encoder_of({"20", "1e300", "30", "-1e160"}).kind() == FeatureKind::number);
  CHECK(encoded(encoder_of({"20", "1e300", "30", "-1e160"}), "30")[0].second == 1.0F);
  CHECK(encoded(number, "-5")[1].first == "f below 11");
  CHECK(encoded(number, "1000")[1].first == "f from 91");
  CHECK(encoded(number, "no number").empty());
  CHECK(encoded(number, " ").empty());

  const FeatureEncoder category = encoder_of({"DE", "FR", "DE", ""});
  CHECK(encoded(category, " FR ") == std::vector<std::pair<std::string, float>>{{"f=FR", 1.0F}});
  CHECK(encoded(category, "US").empty());

  const FeatureEncoder several = encoder_of({"a|b", "b", "c|a|b|a"});
  const auto both = encoded(several, "b|a|b|unknown");
  REQUIRE(both.size() == 2);
  CHECK(both[0].first == "f=a");
  CHECK(static_cast<double>(both[0].second) == doctest::Approx(1.0 / std::sqrt(2.0)));

  const FeatureEncoder text = encoder_of(
      {"The red mug", "the red Cup", "the BLUE cup of all", "the rest"}, FeatureKind::text);
  CHECK(text.width() == 3);  // the, red, cup
  const auto words = encoded(text, "Red, red CUP");
  REQUIRE(words.size() == 2);
  const double red = (1.0 + std::log(2.0)) * std::log(2.0), cup = std::log(2.0);
  CHECK(static_cast<double>(words[0].second) ==
        doctest::Approx(cup / std::sqrt(red * red + cup * cup)));
  CHECK(encoded(text, "the").empty());  // its idf is 0
}

TEST_CASE("a feature that is constant or missing says nothing") {
  CHECK(encoder_of({"", " ", ""}).width() == 0);
  CHECK(encoder_of({"x", "x"}).width() == 0);
  CHECK(encoder_of({"7", "7", "7"}).width() == 0);
  CHECK(encoder_of({"x", "", "x"}).width() == 1);  // whether it is there says something
  CHECK(encoder_of({"no", "number"}, FeatureKind::number).width() == 0);
}

TEST_CASE("an encoder that was saved gives the same numbers, and a damaged one is refused") {
  for (const FeatureEncoder& encoder :
       {encoder_of({"1", "2", "5", "9"}), encoder_of({"a|b", "c"}), encoder_of({"x", "", "y"}),
        encoder_of({"a red mug", "a red cup"}, FeatureKind::text), encoder_of({"", ""})}) {
    const nlohmann::json json = encoder.to_json();
    const FeatureEncoder again(json);
    CHECK(again.width() == encoder.width());
    for (const char* field : {"1", "3", "a|b", "x", "red mug", ""})
      CHECK(encoded(again, field) == encoded(encoder, field));
    for (const auto& entry : json.items()) {
      nlohmann::json damaged = json;
      damaged[entry.key()] = nlohmann::json::object();
      CHECK_THROWS_AS(FeatureEncoder other(damaged), DataError);
      damaged.erase(entry.key());
      CHECK_THROWS_AS(FeatureEncoder other(damaged), DataError);
    }
  }
}

TEST_CASE("features are chosen by columns, ranges of flags and kinds") {
  const auto choices = parse_features("year=3, genres=6-24,title=2:text,made-in=made-in");
  REQUIRE(choices.size() == 4);
  CHECK(choices[1].first == "6");
  CHECK(choices[1].last == "24");
  CHECK(choices[2].kind == FeatureKind::text);
  CHECK(choices[3].first == "made-in");
  for (const char* text : {"", "year", "year=", "year=3,year=4", "year=3:colour"}) {
    CAPTURE(std::string(text));
    CHECK(message_of([&] { parse_features(text); }).starts_with("--features: "));
  }
}

TEST_CASE("a table's features are read with and without names, and what is wrong is told") {
  const TestFiles files;
  const std::string items =
      files.write("items.csv",
                  "item,year,genre,colour,same\ni1,1990,a|b,red,x\ni2,1995,b,,x\ni1,2000,a,blue,x\n"
                  "i3,1999,a,blue,x\n");
  const FeatureTable table = read_feature_table(items, Entity::item, {}, {});
  CHECK(table.ids.size() == 3);
  REQUIRE(table.encoders.size() == 3);
  REQUIRE(table.notes.size() == 2);
  CHECK(table.notes[0] == "1 rows have an id that came before: the first row counts");
  CHECK(table.notes[1] == "the feature \"same\" is left out: it is missing or the same for all");
  IdMap wanted;
  for (const char* id : {"i3", "unknown", "i1"}) wanted.insert(id);
  const EntityFeatures features = table.features_of(wanted);
  CHECK(features.has_row(0));
  CHECK(!features.has_row(1));
  CHECK(features.place_name(features.places(0)[0]) == "year");

  const std::string flags = files.write("u.item", "1|One|1|0|1\n2|Two|0|0|1\n3|Three|0|1|0\n");
  const auto choices = parse_features("genres=3-5");
  const FeatureTable by_number = read_feature_table(flags, Entity::item, choices, {});
  CHECK(by_number.encoders[0].kind() == FeatureKind::categories);
  CHECK(by_number.rows[0].size() == 2);
  CHECK(by_number.encoders[0].place_name(0) == "genres=3");

  const auto fails = [&](const std::string& text, const std::string& features_text) {
    const auto own =
        features_text.empty() ? std::vector<FeatureChoice>() : parse_features(features_text);
    const std::string path = files.write("bad.csv", text);
    return message_of([&] { read_feature_table(path, Entity::item, own, {}); });
  };
  CHECK(fails("1|One|1\n2|Two|0\n", "").find("its columns have no names; --features says which") !=
        std::string::npos);
  CHECK(fails("item,a,a\ni1,1,2\ni2,2,3\n", "").find("expected one column \"a\", got two") !=
        std::string::npos);
  CHECK(fails("item,a\ni1,1\ni2,2\n", "year=b").find("expected a column \"b\" for year") !=
        std::string::npos);
  CHECK(fails("i1|1|0\ni2|2|1\n", "f=2-3").find("expected 0 or 1 in the columns of f, got \"2\"") !=
        std::string::npos);
  CHECK(fails("item,a\ni1,1\ni2,1\n", "").find("expected a feature that tells rows apart") !=
        std::string::npos);
}

TEST_CASE("cold splits leave whole items and users out, others for the validation") {
  Interactions events;
  for (int i = 0; i < 20; ++i) events.item_ids.insert("i" + std::to_string(i));
  for (int user = 0; user < 30; ++user) {
    events.user_ids.insert("u" + std::to_string(user));
    for (int step = 0; step < 6; ++step) {
      events.users.push_back(user);
      events.items.push_back((user * 7 + step * step) % 20);
    }
  }
  const Split items = cold_items_split(events, 0.2);
  const auto counts = items.pairs->item_user_counts();
  std::vector<std::int32_t> cold;
  for (std::size_t item = 0; item < counts.size(); ++item) {
    if (counts[item] == 0) cold.push_back(static_cast<std::int32_t>(item));
  }
  CHECK(cold.size() == 4);
  CHECK(items.protocol == "cold-items 0.2");
  for (const RankingCase& one : items.cases) {
    CHECK(one.relevant.size() + one.candidates.size() == 4);
    for (const std::int32_t item : one.relevant) CHECK(items.had->contains(one.user, item));
    for (const std::int32_t item : one.candidates) CHECK(!items.had->contains(one.user, item));
  }
  const Split validation = validation_split(items);
  for (const RankingCase& one : validation.cases) {
    for (const std::int32_t item : one.relevant) CHECK(std::ranges::count(cold, item) == 0);
  }
  const Split users = cold_users_split(events, 0.3);
  CHECK(users.cases.size() == 9);
  for (const RankingCase& one : users.cases) CHECK(users.pairs->of(one.user).empty());
  CHECK_THROWS_AS(cold_items_split(events, 1.0), OptionError);
  CHECK_THROWS_AS(cold_items_split(events, 0.001), DataError);
  CHECK(cold_fraction_of("cold-users 0.3") == 0.3);
  CHECK_THROWS_AS(cold_fraction_of("cold-users"), OptionError);
}

TEST_CASE("new items and new users are recommended by their features, and the model says so") {
  const TestFiles files;
  std::string events = "user,item\n", items = "item,kind\n", users = "user,taste\n";
  for (int item = 0; item < 30; ++item)
    items += "i" + std::to_string(item) + "," + (item % 2 == 0 ? "even" : "odd") + "\n";
  items += "fresh-even,even\nfresh-odd,odd\n";
  for (int user = 0; user < 40; ++user) {
    users += "u" + std::to_string(user) + "," + (user % 2 == 0 ? "evens" : "odds") + "\n";
    for (int step = 0; step < 6; ++step)
      events += "u" + std::to_string(user) + ",i" +
                std::to_string((user % 2 + 2 * ((user * 5 + step * 3) % 15)) % 30) + "\n";
  }
  users += "stranger,odds\n";
  const std::string out = shell_quoted(files.path("m.tg"));
  const std::string tables = " --items " + shell_quoted(files.write("items.csv", items)) +
                             " --users " + shell_quoted(files.write("users.csv", users));
  const std::string data = " --data " + shell_quoted(files.write("events.csv", events));
  const auto run = [](const std::string& arguments) {
    return program_tools::run_program(TAPEGRAD_RECOMMEND, arguments);
  };
  const Outcome trained = run("train --protocol none --model two-tower --factors 8 --epochs 40" +
                              data + tables + " --out " + out);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  CHECK(trained.text.find("items: 0 with training events have no features, 2 with features have no "
                          "training events") != std::string::npos);
  const Outcome stranger =
      run("recommend --json --quiet --user stranger --k 32 --model-file " + out);
  REQUIRE_MESSAGE(stranger.code == 0, stranger.text);
  const nlohmann::json answer = nlohmann::json::parse(last_line(stranger.text));
  REQUIRE(answer["items"].size() == 32);
  CHECK(answer["items"][0]["source"] == "features");
  std::vector<std::string> order;
  for (const auto& one : answer["items"]) order.push_back(one["item"].get<std::string>());
  CHECK(std::ranges::find(order, "fresh-odd") < std::ranges::find(order, "fresh-even"));
  // The same data with a part held out: what was saved is evaluated as it was trained.
  const Outcome held = run("train --json --quiet --model two-tower --factors 8 --epochs 5" + data +
                           tables + " --out " + out);
  REQUIRE_MESSAGE(held.code == 0, held.text);
  const Outcome evaluated = run("evaluate --json --quiet --model-file " + out + data);
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
  CHECK(nlohmann::json::parse(last_line(evaluated.text))["ndcg@10"] ==
        nlohmann::json::parse(last_line(held.text))["ndcg@10"]);
  struct Case {
    std::string arguments, says;
  };
  const Case cases[] = {
      {"train --model content" + data, "model content needs features of items"},
      {"train --model mf --users x.csv" + data, "--users has no effect with model mf without"},
      {"train --model popularity --features year=1" + data,
       "--features has no effect with model popularity"},
      {"train --model two-tower --features year=1" + data, "--features of items needs --items"},
      {"train --model two-tower --features all" + data, "--features need --items or --users"},
      {"train --model two-tower --features user.age=1" + data,
       "--features with user. needs --users"}};
  for (const Case& one : cases) {
    const Outcome outcome = run(one.arguments);
    CHECK(outcome.code == 2);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
}

}  // namespace
}  // namespace tapegrad::apps
