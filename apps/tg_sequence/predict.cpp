// tg-sequence predict
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/purchase_file.h>
#include <tapegrad/apps/models/sequence_file.h>

#include "asked_histories.h"
#include "commands.h"
#include "follow.h"
#include "purchase.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description predict_description() {
  po::options_description all = options_group("tg-sequence predict: the most likely next items");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "history", po::value<std::string>()->value_name("IDS"),
      "the ids of the items that somebody had, oldest first, with commas or blanks between; an id "
      "that holds either stands in double quotes")("histories",
                                                   po::value<std::string>()->value_name("FILE"),
                                                   "a file with such a history on each line")(
      "follow",
      "answer events as they come on standard input, one a line: the session and the item with a "
      "tab between, or a JSON object with session, item, and where known time in seconds and "
      "type; each is answered at once by a line with the next items of its session")(
      "max-sessions", po::value<Index>()->value_name("N"),
      "with --follow, how many sessions are kept; of more those are forgotten that nothing was "
      "heard of for longest; from 1 on; default: 100,000")(
      "k", po::value<int>()->value_name("N")->default_value(20),
      "how many items are listed, from 1 on")(
      "no-repeats", "leave out the items of the history, which is the rule with task next-item")(
      "repeats", "list also the items of the history, which is the rule with task sessions")(
      "quiet", "print neither what the model was trained on nor how it ranks")(
      "json", "print a JSON object for each history instead of text");
  add_item_options(all);
  add_columns_option(all);
  add_unpacking_option(all);
  all.add_options()(
      "skip-bad-lines",
      "pass over malformed lines of --items and count them, instead of stopping at the first");
  return all;
}

// Whether items of the history are listed: as they were ranked where the model was evaluated,
// unless something else is asked for.
bool lists_repeats(const po::variables_map& given, const StoredSequenceModel& model) {
  if (given.contains("repeats") && given.contains("no-repeats"))
    throw OptionError("--repeats and --no-repeats exclude each other");
  if (given.contains("repeats")) return true;
  return !given.contains("no-repeats") && model.repeats == Repeats::keep;
}

void tell_model(const std::string& path, const StoredSequenceModel& model, bool repeats) {
  const bool evaluated = model.repeats == Repeats::keep;
  std::cerr << fmt::format("{}: {} of {} items, {}\n", path, model.name,
                           model.training.items.size(), model.described);
  std::cerr << fmt::format("tg-sequence: items of the history {}, {} in the evaluation (task {})\n",
                           repeats ? "are listed, too" : "are left out",
                           repeats == evaluated ? "as" : "unlike", model.task);
}

std::optional<ItemTable> read_titles(const po::variables_map& given) {
  const std::string path = item_table_of(given);
  if (path.empty()) {
    refuse_given(given, {"columns", "skip-bad-lines"}, "without --items");
    return std::nullopt;
  }
  column_choices(given).require_used(item_roles);
  ReadReport report;
  ItemTable titles = read_item_table(path, item_table_options(given), &report);
  std::cerr << describe_read(path, report, fmt::format("{} items", titles.ids.size()),
                             given.contains("quiet"));
  return titles;
}

// Prints the items; as text a line an item, below the history's number where there may be many.
void print(const std::string& history, Index number, std::span<const Scored> best,
           const IdMap& items, const std::optional<ItemTable>& titles,
           const po::variables_map& given) {
  nlohmann::json list = nlohmann::json::array();
  std::string text = given.contains("histories") ? fmt::format("history {}:\n", number) : "";
  for (const Scored& one : best) {
    const std::string& id = items.name(one.item);
    const std::string title = titles ? titles->title(id) : "";
    list.push_back({{"item", id}, {"title", title}, {"score", one.score}});
    text += fmt::format("{:3}  {}  {:.4f}{}{}\n", list.size(), id, one.score, titles ? "  " : "",
                        title);
  }
  std::cout << (given.contains("json") ? json_line({{"history", history}, {"items", list}}) : text);
}

}  // namespace

int run_predict(const std::vector<std::string>& arguments) {
  const auto given = parse(predict_description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int sources = (given->contains("history") ? 1 : 0) +
                      (given->contains("histories") ? 1 : 0) + (given->contains("follow") ? 1 : 0);
  if (sources != 1) throw OptionError("one of --history, --histories and --follow is needed");
  const auto path = (*given)["model-file"].as<std::string>();
  if (is_purchase_file(path)) return predict_purchase(*given);
  if (is_language_file(path))
    throw OptionError(fmt::format(
        "{}: is a model of language, with which tg-sequence generate writes text", path));
  const StoredSequenceModel model = load_sequence_model(path);
  const bool repeats = lists_repeats(*given, model);
  if (given->contains("follow")) {
    refuse_given(*given, {"items", "columns", "skip-bad-lines", "max-unpacked"}, "with --follow");
    FollowOptions options{.k = k, .repeats = repeats, .json = given->contains("json")};
    set_bounded(options.most_sessions, *given, "max-sessions", Index{1}, Index{1} << 30);
    if (!given->contains("quiet")) tell_model(path, model, repeats);
    follow(model, options, std::cin, std::cout, std::cerr);
    return 0;
  }
  refuse_given(*given, {"max-sessions"}, "without --follow");
  const std::optional<ItemTable> titles = read_titles(*given);
  const auto predictor = make_predictor(model);
  Index number = 0;
  for (const AskedHistory& asked : asked_histories(*given, model.training.items, model.unlearnt)) {
    if (number++ == 0 && !given->contains("quiet")) tell_model(path, model, repeats);
    std::cerr << asked.told;
    std::vector<Scored> best;
    if (!asked.items.empty())
      best = best_next_items(*predictor, {.items = asked.items}, model.training.items.size(), k,
                             repeats);
    print(asked.line, number, best, model.training.items, titles, *given);
  }
  return 0;
}

}  // namespace tapegrad::apps
