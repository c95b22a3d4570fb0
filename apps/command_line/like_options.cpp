#include <tapegrad/apps/command_line/like_options.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/duration.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_min_rating(po::options_description& description) {
  description.add_options()(settings::min_rating.name, po::value<double>()->value_name("NUMBER"),
                            "the least rating of a row that counts; default: every row counts");
}

void add_event_weights(po::options_description& description, const char* text) {
  description.add_options()("event-weights",
                            po::value<std::string>()->value_name("TYPE=WEIGHT,..."), text);
}

void add_like_options(po::options_description& description) {
  add_min_rating(description);
  add_event_weights(description,
                    "how much events of each type count, such as view=1,cart=3,purchase=5; 0 "
                    "leaves a type out; those of the greatest weight are what is predicted and "
                    "tested; default: all events count the same");
  description.add_options()(
      "half-life", po::value<std::string>()->value_name("TIME"),
      "the time after which an event counts half, such as 90d, 12h or 1y, back from the "
      "last event; default: age does not matter");
}

LikeOptions like_options(const po::variables_map& given) {
  LikeOptions likes;
  if (given.contains(settings::min_rating.name))
    likes.min_rating = bounded(given, settings::min_rating.name, settings::min_rating.least,
                               settings::min_rating.greatest);
  if (given.contains("event-weights"))
    likes.event_weights = EventWeights(given["event-weights"].as<std::string>());
  if (given.contains("half-life"))
    likes.half_life = parse_duration(given["half-life"].as<std::string>(), "--half-life");
  return likes;
}

}  // namespace tapegrad::apps
