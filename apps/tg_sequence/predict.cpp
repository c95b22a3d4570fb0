// tg-sequence predict
#include <algorithm>
#include <iostream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/sequence_file.h>

#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// Ids between commas or blanks; one that holds either stands in double quotes, "" inside for one quote.
std::vector<std::string> ids_of(std::string_view line) {
  constexpr std::string_view separators = ", \t\r";
  std::vector<std::string> ids;
  for (std::size_t at = line.find_first_not_of(separators); at < line.size(); at = line.find_first_not_of(separators, at)) {
    if (line[at] != '"') {
      const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
      ids.emplace_back(line.substr(at, end - at));
      at = end;
      continue;
    }
    std::string& id = ids.emplace_back();
    for (++at;; id += line[at++]) {
      if (at >= line.size()) throw DataError(fmt::format("expected a closing quote in {}, got none", in_quotes(line)));
      if (line[at] == '"' && (++at >= line.size() || line[at] != '"')) break;
    }
  }
  return ids;
}

// In the model's numbers; unknown ones are left out and told.
std::vector<std::int32_t> numbers_of(std::string_view line, const IdMap& items) {
  std::vector<std::int32_t> numbers;
  for (const std::string& id : ids_of(line)) {
    const Index item = items.find(id);
    if (item >= 0)
      numbers.push_back(static_cast<std::int32_t>(item));
    else
      std::cerr << fmt::format("tg-sequence: item {} is unknown and left out\n", in_quotes(id));
  }
  return numbers;
}

}  // namespace

int run_predict(const std::vector<std::string>& arguments) {
  po::options_description all("tg-sequence predict: the most likely next items");
  all.add_options()("help", "this text")("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "history", po::value<std::string>(),
      "items, oldest first, between commas or blanks; an id that holds either in double quotes")(
      "histories", po::value<std::string>(), "a file with such a history a line")(
      "k", po::value<int>()->default_value(20), "how many")("no-repeats", "leave out the items of the history")(
      "items", po::value<std::string>(), "a table of items: id, title; then a line an item")(
      "json", "a JSON object a history instead of text");
  add_unpacking_option(all);
  const auto given = parse(all, arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  if (given->contains("history") == given->contains("histories")) throw OptionError("either --history or --histories is needed");
  const StoredSequenceModel model = load_sequence_model((*given)["model-file"].as<std::string>());
  std::istringstream lines(given->contains("history")
                               ? (*given)["history"].as<std::string>()
                               : read_text_file((*given)["histories"].as<std::string>(), max_unpacked(*given)));
  std::optional<ItemTable> titles;
  if (given->contains("items")) {
    ReadReport report;
    titles = read_item_table((*given)["items"].as<std::string>(), {.max_unpacked = max_unpacked(*given)}, &report);
  }
  const auto predictor = make_predictor(model);
  Index asked = 0;
  for (std::string line; std::getline(lines, line);) {
    ++asked;
    std::vector<std::int32_t> history;
    std::string problem;
    try {
      history = numbers_of(line, model.training.items);
      if (history.empty()) problem = fmt::format("expected an item that the model knows, got {}", in_quotes(line));
    } catch (const DataError& error) {
      problem = error.what();
    }
    // One history is an answer or an error; of many, a bad one must not stop the others.
    std::vector<Scored> best;
    if (problem.empty()) {
      best = best_next_items(*predictor, history, model.training.items.size(), k, !given->contains("no-repeats"));
    } else {
      problem = fmt::format("history {}: {}", asked, problem);
      if (given->contains("history")) throw DataError(problem);
      std::cerr << fmt::format("tg-sequence: {}: nothing is predicted\n", problem);
    }
    nlohmann::json list = nlohmann::json::array();
    std::string text;
    for (const Scored& one : best) {
      const std::string& id = model.training.items.name(one.item);
      const std::string title = titles ? titles->title(id) : "";
      list.push_back({{"item", id}, {"title", title}, {"score", one.score}});
      if (titles)
        text += fmt::format("{}{:3}  {}  {}", text.empty() ? "" : "\n", list.size(), id, title);
      else
        text += (text.empty() ? "" : " ") + id;
    }
    std::cout << (given->contains("json") ? json_line({{"history", line}, {"items", list}}) : text + '\n');
  }
  if (asked == 0) throw DataError("expected a history, got none");
  return 0;
}

}  // namespace tapegrad::apps
