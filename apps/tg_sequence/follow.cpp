#include "follow.h"

#include <algorithm>
#include <iostream>
#include <limits>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/sequence_follower.h>

namespace tapegrad::apps {
namespace {

// An event as it was given.
struct GivenEvent {
  std::string session, item, type;
  double time = std::numeric_limits<double>::quiet_NaN();  // that is not known
};

// An id of a JSON object, which may be a text or a whole number; empty where it is not there.
std::string id_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  throw DataError(fmt::format(
      "expected a text or a whole number for {}, got {}", name,
      in_quotes(found->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))));
}

// Throws DataError for a line that is no event.
GivenEvent event_of(const std::string& line) {
  GivenEvent event;
  if (line.starts_with('{')) {
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object()) throw DataError("expected a JSON object, got " + in_quotes(line));
    event.session = id_in(object, "session");
    event.item = id_in(object, "item");
    event.type = id_in(object, "type");
    if (object.contains("time")) {
      if (!object["time"].is_number()) throw DataError("expected seconds for time");
      event.time = object["time"].get<double>();
    }
  } else {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos || line.find('\t', tab + 1) != std::string::npos)
      throw DataError("expected a session, a tab and an item, or a JSON object, got " +
                      in_quotes(line));
    event.session = line.substr(0, tab);
    event.item = line.substr(tab + 1);
  }
  event.session = trimmed(event.session);
  event.item = trimmed(event.item);
  if (event.session.empty() || event.item.empty())
    throw DataError("expected a session and an item, got " + in_quotes(line));
  return event;
}

// Throws DataError for an item that the model does not know.
SequenceFollower::Event known_event(const GivenEvent& given, const StoredSequenceModel& model) {
  const auto item = static_cast<std::int32_t>(model.training.items.find(given.item));
  if (item < 0 || std::ranges::binary_search(model.unlearnt, item))
    throw DataError(fmt::format("item {} was not trained on: it is not added to session {}",
                                in_quotes(given.item), in_quotes(given.session)));
  return {.item = item,
          .time = given.time,
          .type = static_cast<std::int16_t>(model.training.type_ids.find(given.type))};
}

void answer(const std::string& session, std::span<const Scored> best, const IdMap& items,
            bool as_json, std::ostream& answers) {
  if (as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (const Scored& one : best)
      list.push_back({{"item", items.name(one.item)}, {"score", one.score}});
    answers << json_line({{"session", session}, {"items", list}});
  } else {
    answers << session;
    for (const Scored& one : best) answers << '\t' << items.name(one.item);
    answers << '\n';
  }
  answers.flush();
}

}  // namespace

void follow(const StoredSequenceModel& model, const FollowOptions& options, std::istream& events,
            std::ostream& answers, std::ostream& errors) {
  SequenceFollower follower(model, options.most_sessions);
  Index number = 0;
  for (std::string line; std::getline(events, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    GivenEvent given;
    std::vector<Scored> best;
    try {
      given = event_of(line);
      const std::span<const float> scores = follower.add(given.session, known_event(given, model));
      best = best_next_items(scores, follower.items_of(given.session), options.k, options.repeats);
    } catch (const DataError& error) {
      errors << fmt::format("tg-sequence: event {}: {}\n", number, error.what());
    }
    answer(given.session, best, model.training.items, options.json, answers);
  }
}

}  // namespace tapegrad::apps
