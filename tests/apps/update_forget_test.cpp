// tg-recommend update and forget: events that join a model, and people who leave it.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/models/registry.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

namespace {

Outcome run(const std::string& arguments) { return run_program(TAPEGRAD_RECOMMEND, arguments); }

// Events of users `first` to `last`, each with items of its group; a time, an hour after that
// before it, a rating and where wanted a type.
std::string events(int first, int last, bool with_types = false) {
  std::string text;
  for (int user = first; user < last; ++user) {
    for (int k = 0; k < 6; ++k) {
      const int item = user % 2 * 10 + (user * 3 + k) % 9;
      text += "user-" + std::to_string(user) + ",item-" + std::to_string(item) + "," +
              std::to_string(3600 * (1000 + 10 * user + k)) + "," +
              std::to_string(1 + (user + 2 * k) % 5);
      text += with_types ? (k % 3 == 0 ? ",view\n" : ",purchase\n") : "\n";
    }
  }
  return text;
}

std::string items_table() {
  std::string text = "item,kind,text\n";
  for (int item = 0; item < 24; ++item)
    text += "item-" + std::to_string(item) + (item < 10 || item == 20 ? ",early" : ",late") +
            (item % 3 == 0 ? ",a red round thing\n" : ",a blue round thing\n");
  return text;
}

// A model and further options.
struct Trained {
  const ModelRow& row;
  std::string options{};

  // Nothing is left to be chosen.
  std::string all_options() const {
    std::string text = " --model " + std::string(row.name) + options;
    const std::pair<const char*, const char*> values[] = {
        {"factors", "4"}, {"hidden", "8-4"},   {"lambda", "10"},   {"alpha", "0.1"},
        {"sweeps", "2"},  {"neighbours", "3"}, {"shrinkage", "1"}, {"weighting", "cosine"}};
    for (const OptionDefault& known : row.options) {
      for (const auto& [name, value] : values) {
        if (known.option->name == name) text += " --" + std::string(name) + " " + value;
      }
    }
    return text + (row.is_neural() ? " --epochs 3" : "");
  }
  bool predicts_ratings() const { return options.find("squared") != std::string::npos; }
};

// Every model as it is, and those that are fitted to times and ratings besides.
std::vector<Trained> all_models() {
  std::vector<Trained> all;
  for (const ModelRow& row : model_rows()) all.push_back({row});
  all.push_back({model_row("popularity"), " --window 2"});
  all.push_back({model_row("mf"), " --loss squared"});
  for (const char* name : {"item-knn", "ials", "mf", "history-mlp"})
    all.push_back({model_row(name), " --half-life 3d"});
  return all;
}

}  // namespace

TEST_CASE("a model that forgot a user is the model that was trained without them, of every kind") {
  const TestFiles folder;
  const auto all = folder.path("all.csv"), rest = folder.path("rest.csv");
  const auto table = folder.path("items.csv");
  write(all, "user,item,time,rating\n" + events(0, 13));
  write(rest, "user,item,time,rating\n" + events(0, 12));
  write(table, items_table());
  const auto model = shell_quoted(folder.path("m.tg")), less = shell_quoted(folder.path("less.tg"));
  const auto expected = shell_quoted(folder.path("expected.tg"));
  for (const Trained& one : all_models()) {
    const ModelRow& row = one.row;
    CAPTURE(row.name);
    CAPTURE(one.options);
    const std::string options =
        one.all_options() +
        (row.features == FeatureUse::none ? "" : " --items " + shell_quoted(table)) +
        (row.features == FeatureUse::if_asked ? " --features kind=kind" : "");
    const std::string train = "train --quiet --protocol none" + options;
    REQUIRE(run(train + " --data " + shell_quoted(all) + " --out " + model).code == 0);
    REQUIRE(run(train + " --data " + shell_quoted(rest) + " --out " + expected).code == 0);
    const Outcome forgot =
        run("forget --quiet --json --user user-12 --model-file " + model + " --out " + less);
    REQUIRE_MESSAGE(forgot.code == 0, forgot.text);
    const auto told = nlohmann::json::parse(last_line(forgot.text));
    CHECK(told["forgotten"] == 1);
    CHECK(told["pairs"] == 6);
    CHECK(told["users"] == 12);
    CHECK(read(folder.path("m.tg")).find("user-12") != std::string::npos);
    CHECK(read(folder.path("less.tg")).find("user-12") == std::string::npos);
    for (const std::string user : {"user-0", "user-7", "user-11"}) {
      const std::string ask = "recommend --quiet --json --k 5 --user " + user + " --model-file ";
      const std::string list = last_line(run(ask + less).text),
                        expected_list = last_line(run(ask + expected).text);
      if (one.options.find("half-life") == std::string::npos) {
        CHECK(list == expected_list);
        continue;
      }
      // Weights were scaled twice, which may change their last bits.
      const auto items = nlohmann::json::parse(list)["items"],
                 expected_items = nlohmann::json::parse(expected_list)["items"];
      REQUIRE(items.size() == expected_items.size());
      for (std::size_t i = 0; i < items.size(); ++i) {
        CHECK(items[i]["item"] == expected_items[i]["item"]);
        CHECK(items[i]["score"].get<double>() ==
              doctest::Approx(expected_items[i]["score"].get<double>()).scale(1e-9).epsilon(1e-4));
      }
    }
    CHECK(run("recommend --user user-12 --model-file " + less).text.find("unknown") !=
          std::string::npos);
    CHECK(run("evaluate --model-file " + less + " --data " + shell_quoted(rest)).code == 1);
  }
}

TEST_CASE("forgetting somebody who is not there is refused") {
  const TestFiles folder;
  const auto data = folder.path("all.csv");
  write(data, "user,item,time,rating\n" + events(0, 12));
  const auto model = shell_quoted(folder.path("m.tg")), out = shell_quoted(folder.path("o.tg"));
  const std::string train =
      "train --quiet --protocol none --out " + model + " --data " + shell_quoted(data);
  REQUIRE(run(train + " --model popularity").code == 0);
  const Outcome refused =
      run("forget --model-file " + model + " --out " + out + " --user user-3 nobody");
  CHECK(refused.code == 1);
  CHECK(refused.text.find("expected a user that the model knows, got \"nobody\"") !=
        std::string::npos);
  CHECK_FALSE(fs::exists(folder.path("o.tg")));
  CHECK(run("forget --user user-3 --model-file " + model + " --out " + model).code == 2);
}

TEST_CASE("new users and items that join a model are recommended at once, by every model") {
  const TestFiles folder;
  const auto old = folder.path("old.csv"), fresh = folder.path("new.csv"),
             all = folder.path("all.csv"), table = folder.path("items.csv"),
             old_table = folder.path("old-items.csv");
  for (const bool with_types : {false, true}) {
    CAPTURE(with_types);
    const std::string header =
        with_types ? "user,item,time,rating,type\n" : "user,item,time,rating\n";
    const std::string end = with_types ? ",purchase\n" : "\n";
    const std::string joining = events(12, 14, with_types) + "user-3,item-21,4120000,5" + end +
                                "user-5,item-21,4121000,4" + end + "user-12,item-21,4122000,5" +
                                end;
    write(old, header + events(0, 12, with_types));
    write(fresh, header + joining);
    write(all, header + events(0, 12, with_types) + joining);
    write(table, items_table());
    write(old_table, items_table().substr(0, items_table().find("item-20")));
    const auto model = shell_quoted(folder.path("m.tg")), more = shell_quoted(folder.path("n.tg")),
               whole = shell_quoted(folder.path("all.tg"));
    for (const Trained& one : all_models()) {
      const ModelRow& row = one.row;
      if (with_types && one.predicts_ratings()) continue;
      CAPTURE(row.name);
      CAPTURE(one.options);
      const bool has_features = row.features != FeatureUse::none;
      const std::string train =
          "train --quiet --protocol none" + one.all_options() +
          (row.features == FeatureUse::if_asked ? " --features kind=kind" : "") +
          (with_types ? " --event-weights view=1,purchase=3" : "");
      const auto items = [&](const auto& path) {
        return has_features ? " --items " + shell_quoted(path) : std::string();
      };
      const Outcome trained =
          run(train + items(old_table) + " --data " + shell_quoted(old) + " --out " + model);
      REQUIRE_MESSAGE(trained.code == 0, trained.text);
      const Outcome updated = run("update --quiet --json --model-file " + model + " --data " +
                                  shell_quoted(fresh) + items(table) + " --out " + more +
                                  (row.is_neural()   ? " --epochs 20 --k 4"
                                   : row.can_go_on() ? " --sweeps 2 --k 4"
                                                     : ""));
      REQUIRE_MESSAGE(updated.code == 0, updated.text);
      const auto told = nlohmann::json::parse(last_line(updated.text));
      CHECK(told["new_users"] == 2);
      CHECK(told["new_items"].get<int>() >= 1);
      CHECK(told.contains("distance") == row.can_go_on());
      if (row.can_go_on()) {
        CHECK(told["distance"]["cases"].get<int>() >= 2);
        CHECK(told["distance"]["shared_of_k"].get<double>() <= 4.0);
      }
      const auto asked = [&](const std::string& file, const std::string& user) {
        return nlohmann::json::parse(last_line(
            run("recommend --quiet --json --k 30 --user " + user + " --model-file " + file).text));
      };
      const auto list = asked(more, "user-13");
      CHECK(list["items"][0]["source"] == "model");
      const auto of_old = asked(more, "user-7");
      const auto has = [](const nlohmann::json& list_of, const char* item) {
        for (const auto& entry : list_of["items"])
          if (entry["item"] == item) return true;
        return false;
      };
      CHECK(has(of_old, "item-21"));
      // Nobody has it: it is known by what the table says of it.
      if (row.features == FeatureUse::always && row.name != "category-popularity")
        CHECK(has(of_old, "item-22"));
      if (row.can_go_on()) continue;
      REQUIRE(run(train + items(table) + " --data " + shell_quoted(all) + " --out " + whole).code ==
              0);
      // The encoders of features are those of the old table, which the new one may differ from.
      if (has_features) continue;
      const auto scores = [](const nlohmann::json& list_of) {
        std::map<std::string, double> found;
        for (const auto& entry : list_of["items"]) found[entry["item"]] = entry["score"];
        return found;
      };
      const auto expected = scores(asked(whole, "user-3"));
      // Weights are scaled twice in an update, and age, which may change their last bits.
      const bool has_weights = with_types || one.options.find("half-life") != std::string::npos;
      for (const auto& [item, score] : scores(asked(more, "user-3")))
        CHECK(score ==
              doctest::Approx(expected.at(item)).scale(1e-9).epsilon(has_weights ? 1e-4 : 1e-12));
    }
  }
}

TEST_CASE("an update that cannot be is refused before anything is written") {
  const TestFiles folder;
  const auto data = folder.path("all.csv");
  write(data, "user,item,time,rating\n" + events(0, 12));
  const auto model = shell_quoted(folder.path("m.tg")), out = folder.path("o.tg");
  struct Case {
    std::string trained, updated;
    int code;
    std::string says;
  };
  for (const Case& one :
       {Case{"--model popularity", " --epochs 3", 2,
             "--epochs has no effect with model popularity"},
        Case{"--model mf --factors 2 --epochs 1", " --items x.csv", 2, "--items has no effect"},
        Case{"--model mf --factors 2 --epochs 1", " --epochs 0", 2, "epochs must be within"},
        Case{"--model mf --factors 2 --epochs 1 --loss squared", " --columns rating=none", 1,
             "expected ratings for all events or for none"},
        Case{"--model popularity --window 2", " --columns time=none", 1,
             "expected times for all events or for none"},
        Case{"--model ials --factors 2 --lambda 1 --alpha 0.1 --half-life 1d",
             " --columns time=none", 1, "a half-life needs a time for each event"}}) {
    const Outcome trained = run("train --quiet --protocol none --out " + model + " --data " +
                                shell_quoted(data) + " " + one.trained);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    const Outcome refused = run("update --model-file " + model + " --data " + shell_quoted(data) +
                                " --out " + shell_quoted(out) + one.updated);
    CHECK_MESSAGE(refused.code == one.code, refused.text);
    CHECK_MESSAGE(refused.text.find(one.says) != std::string::npos, refused.text);
    CHECK_FALSE(fs::exists(out));
  }
}

TEST_CASE("what an update brings besides likes counts, too") {
  const TestFiles folder;
  const auto model = shell_quoted(folder.path("m.tg")), out = shell_quoted(folder.path("o.tg"));
  const auto list = [&](const std::string& user) {
    return last_line(
        run("recommend --quiet --json --k 9 --user " + user + " --model-file " + out).text);
  };
  // A rating that is too low to count: the item is not recommended again.
  const auto rated = shell_quoted(
      folder.write("r.csv", "user,item,rating\na,x,5\na,y,5\nb,x,5\nb,z,5\nc,y,5\nc,z,4\n"));
  const auto low = shell_quoted(folder.write("r2.csv", "user,item,rating\na,z,1\nd,x,5\n"));
  REQUIRE(run("train --quiet --protocol none --model popularity --min-rating 4 --data " + rated +
              " --out " + model)
              .code == 0);
  REQUIRE(run("update --quiet --model-file " + model + " --data " + low + " --out " + out).code ==
          0);
  CHECK(list("a").find("\"z\"") == std::string::npos);
  CHECK(list("d").find("\"z\"") != std::string::npos);
  // Returns of earlier purchases, of which the model knows no quantities.
  const auto bought = shell_quoted(
      folder.write("b.csv", "user,item,time,quantity\na,x,1,1\nb,x,2,1\nb,y,3,1\nc,y,4,1\n"));
  const auto back =
      shell_quoted(folder.write("b2.csv", "user,item,time,quantity\nb,x,9,-1\nd,y,10,1\n"));
  REQUIRE(
      run("train --quiet --protocol none --model popularity --data " + bought + " --out " + model)
          .code == 0);
  const Outcome returned =
      run("update --model-file " + model + " --data " + back + " --out " + out);
  REQUIRE(returned.code == 0);
  CHECK_MESSAGE(
      returned.text.find("1 returns are of more than the new events buy") != std::string::npos,
      returned.text);
  // Events of other types than those that are predicted, and titles of new items.
  const auto typed = shell_quoted(folder.write(
      "t.csv",
      "user,item,type,name\na,x,buy,Ex\nb,x,buy,Ex\nb,y,view,Why\nc,y,buy,Why\na,y,buy,Why\n"));
  const auto views =
      shell_quoted(folder.write("t2.csv", "user,item,type,name\nd,x,view,Ex\nd,w,view,Double\n"));
  const std::string weights = " --event-weights view=1,buy=3 --columns item.title=name";
  REQUIRE(run("train --quiet --protocol none --model item-knn --neighbours 3 --shrinkage 0 "
              "--weighting cosine --data " +
              typed + weights + " --out " + model)
              .code == 0);
  const Outcome viewed = run("update --model-file " + model + " --columns item.title=name --data " +
                             views + " --out " + out);
  REQUIRE_MESSAGE(viewed.code == 0, viewed.text);
  CHECK(run("similar --quiet --item x --model-file " + out).text.find("Double") !=
        std::string::npos);
  // Items that are no products.
  const auto posted = shell_quoted(folder.write("x.csv", "user,item\na,x\na,POST\nb,x\nb,y\n"));
  const auto again = shell_quoted(folder.write("x2.csv", "user,item\nb,POST\na,y\nc,x\n"));
  REQUIRE(run("train --quiet --protocol none --model popularity --exclude-items POST --data " +
              posted + " --out " + model)
              .code == 0);
  REQUIRE(run("update --quiet --model-file " + model + " --data " + again + " --out " + out).code ==
          0);
  CHECK(list("nobody").find("POST") == std::string::npos);
}
