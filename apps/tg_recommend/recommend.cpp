// tg-recommend recommend
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/model_file.h>

#include "askers.h"
#include "commands.h"
#include "pseudonym_options.h"
#include "rule_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// What somebody gets, and where it comes from.
struct Answer {
  Slate slate;
  // "model" for a user who was trained with, "features" for one who is known by these alone,
  // "history" for somebody with a history that the model can score, "popular" where the items are
  // those that most users have.
  const char* source = "model";
};

po::options_description recommend_description() {
  po::options_description all = options_group("tg-recommend recommend: the best items for a user");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "out", po::value<std::string>()->value_name("FILE"),
      "a CSV file to write the lists to (user, rank, item, score, source, title); default: they "
      "are "
      "printed")("k", po::value<int>()->value_name("N")->default_value(10),
                 "how many items are recommended, from 1 on")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "do not print what the model was trained on")(
      "json", "print a JSON object for each list instead of text");
  add_asker_options(all);
  add_pseudonym_option(all);
  all.add_options()("features", po::value<std::string>()->value_name("NAME=COLUMN,..."),
                    "which columns of --users are features, as train takes them; default: those "
                    "that are called like the model's");
  add_rule_options(all);
  return all;
}

// Answers askers; several threads may ask at once.
class Answerer {
 public:
  Answerer(const StoredModel& model, const SlateRules& rules, int k, bool include_had)
      : model_(model),
        recommender_(make_recommender(model)),
        popular_(std::make_unique<PopularityRecommender>(*model.seen), model.seen),
        rules_(rules),
        k_(k),
        include_had_(include_had) {}

  // Users who were trained with are scored side by side.
  void answer(std::span<const Asker> askers, std::span<Answer> answers) const {
    const auto items = static_cast<std::size_t>(model_.items.size());
    std::vector<std::int32_t> users;
    for (const Asker& asker : askers) {
      if (recommender_->knows(static_cast<std::int32_t>(asker.user)))
        users.push_back(static_cast<std::int32_t>(asker.user));
    }
    std::vector<float> scores(users.size() * items), own(items);
    if (!users.empty()) recommender_->score_users(users, scores);
    std::size_t next = 0;
    for (std::size_t i = 0; i < askers.size(); ++i) {
      if (recommender_->knows(static_cast<std::int32_t>(askers[i].user))) {
        const bool has_events = is_known_user(*model_.seen, askers[i].user);
        answers[i] = choose(std::span(scores).subspan(next++ * items, items), askers[i],
                            has_events ? "model" : "features");
      } else if (!askers[i].history.empty() &&
                 recommender_->score_person({askers[i].history, {}}, own)) {
        answers[i] = choose(own, askers[i], "history");
      } else {
        popular_.score(0, {}, own);
        answers[i] = choose(own, askers[i], "popular");
      }
    }
  }

 private:
  Answer choose(std::span<const float> scores, const Asker& asker, const char* source) const {
    std::span<const std::int32_t> had;
    if (!include_had_) had = asker.user >= 0 ? model_.had->of(asker.user) : asker.history;
    return {choose_slate(scores, k_, rules_, had), source};
  }

  const StoredModel& model_;
  std::unique_ptr<const KnownRecommender> recommender_;
  KnownRecommender popular_;
  const SlateRules& rules_;
  int k_;
  bool include_had_;
};

std::vector<Answer> answer_all(const Answerer& answerer, std::span<const Asker> askers,
                               int threads) {
  constexpr Index together = 16;
  std::vector<Answer> answers(askers.size());
  const Index blocks = (static_cast<Index>(askers.size()) + together - 1) / together;
  parallel_ranges(blocks, 1, threads, [&](Index begin, Index end) {
    for (Index block = begin; block < end; ++block) {
      const auto first = static_cast<std::size_t>(block * together);
      const std::size_t count = std::min(static_cast<std::size_t>(together), askers.size() - first);
      answerer.answer(askers.subspan(first, count), std::span(answers).subspan(first, count));
    }
  });
  return answers;
}

std::string title_of(const StoredModel& model, std::int32_t item) {
  return model.titles.empty() ? "" : model.titles[static_cast<std::size_t>(item)];
}

void write_csv(const std::string& path, std::span<const Asker> askers,
               std::span<const Answer> answers, const StoredModel& model) {
  std::string text = "user,rank,item,score,source,title\n";
  for (std::size_t i = 0; i < askers.size(); ++i) {
    int rank = 0;
    for (const Scored& one : answers[i].slate.items)
      text += fmt::format("{},{},{},{},{},{}\n", csv_field(askers[i].name), ++rank,
                          csv_field(model.items.name(one.item)), one.score, answers[i].source,
                          csv_field(title_of(model, one.item)));
  }
  write_text_file(path, text);
}

void print(const Asker& asker, const Answer& answer, const StoredModel& model, bool with_name,
           bool as_json) {
  nlohmann::json list = nlohmann::json::array();
  std::string text = with_name ? asker.name + ":\n" : "";
  for (const Scored& one : answer.slate.items) {
    const std::string& id = model.items.name(one.item);
    const std::string title = title_of(model, one.item);
    list.push_back(
        {{"item", id}, {"title", title}, {"score", one.score}, {"source", answer.source}});
    text += fmt::format("{:3}  {}  {:.4f}{}{}\n", list.size(), id, one.score,
                        title.empty() ? "" : "  ", title);
  }
  if (as_json)
    std::cout << json_line({{"user", asker.name},
                            {"known", std::string_view(answer.source) == "model"},
                            {"items", list}});
  else
    std::cout << text;
}

// Why somebody gets what most users have, and why a list is short. Of many people only how many.
void tell(std::span<const Asker> askers, std::span<const Answer> answers,
          const StoredModel& model) {
  Index popular = 0, short_lists = 0;
  for (std::size_t i = 0; i < askers.size(); ++i) {
    const bool is_popular = std::string_view(answers[i].source) == "popular";
    popular += is_popular ? 1 : 0;
    short_lists += answers[i].slate.shortfall.empty() ? 0 : 1;
    if (askers.size() > 1) continue;
    if (is_popular)
      std::cerr << fmt::format(
          "tg-recommend: {} {}: these are the items that most users have\n", askers[i].described,
          !askers[i].history.empty() ? "is scored by number only with model " + model.name
          : askers[i].user < 0       ? "is unknown"
          : model.user_features ? "has neither an event that was trained on nor a feature that "
                                  "the model knows"
                                : "has no event that was trained on");
    if (!answers[i].slate.shortfall.empty())
      std::cerr << fmt::format("tg-recommend: {}\n", answers[i].slate.shortfall);
  }
  if (askers.size() == 1) return;
  if (popular > 0)
    std::cerr << fmt::format("tg-recommend: {} of {} people get the items that most users have\n",
                             popular, askers.size());
  if (short_lists > 0)
    std::cerr << fmt::format("tg-recommend: {} of {} lists are shorter than wanted\n", short_lists,
                             askers.size());
}

}  // namespace

int run_recommend(const std::vector<std::string>& arguments) {
  const auto given = parse(recommend_description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const auto path = (*given)["model-file"].as<std::string>();
  std::vector<std::string> inputs{path};
  if (given->contains("items")) inputs.push_back((*given)["items"].as<std::string>());
  for (const char* name : {"histories", "users", "pseudonymise"}) {
    if (given->contains(name)) inputs.push_back((*given)[name].as<std::string>());
  }
  if (given->contains("out")) {
    refuse_given(*given, {"json"}, "with --out, which is CSV");
    check_files(inputs, {(*given)["out"].as<std::string>()});
  }
  StoredModel model = load_model(path);
  if (!given->contains("quiet")) {
    std::cerr << fmt::format("{}: {} of {} users, {} items, {}\n", path, model.name,
                             model.users.size(), model.items.size(), model.described);
  }
  const std::vector<Asker> askers = askers_of(*given, model);
  const SlateRules rules = slate_rules(*given, model);
  const Answerer answerer(model, rules, k, given->contains("include-seen"));
  const std::vector<Answer> answers = answer_all(answerer, askers, threads);
  tell(askers, answers, model);
  if (given->contains("out")) {
    write_csv((*given)["out"].as<std::string>(), askers, answers, model);
    return 0;
  }
  const bool has_many =
      given->contains("all-users") || given->contains("histories") || given->contains("users");
  for (std::size_t i = 0; i < askers.size(); ++i)
    print(askers[i], answers[i], model, has_many, given->contains("json"));
  return 0;
}

}  // namespace tapegrad::apps
