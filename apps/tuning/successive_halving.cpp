#include <tapegrad/apps/tuning/successive_halving.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

constexpr int eta = 3;

std::pair<double, double> order_of(const TrialResult& one) {
  return {one.outcome.value, one.outcome.among_equals};
}

class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Search {
 public:
  Search(const HalvingOptions& options, const RunTrial& run) : options_(options), run_(run) {}

  bool is_over() const { return clock_.seconds() >= options_.seconds; }

  // Where the time decides, each round may take an equal part of it.
  bool is_over_for(int round) const {
    const double part = static_cast<double>(round + 1) / static_cast<double>(options_.rounds);
    const bool shares = options_.trials == 0 && options_.first_epochs > 0;
    return is_over() || (shares && clock_.seconds() >= part * options_.seconds);
  }

  // False where the time was up before the trial was done.
  bool run(int trial, const OptionValues& values, int epochs, bool must_end) {
    const Clock own;
    try {
      const auto stops = [&] { return !must_end && is_over(); };
      TrialOutcome outcome = run_(values, epochs, stops);
      results_.push_back({trial, epochs, own.seconds(), values, std::move(outcome)});
    } catch (const TimeIsUp&) {
      return false;
    }
    return true;
  }

  // As many as fit: each round costs about as much as the first.
  int trials_that_fit() const {
    const double one = std::max(1e-3, results_.front().seconds);
    const double rounds = options_.first_epochs > 0 ? static_cast<double>(options_.rounds) : 1.0;
    const double fit = (options_.seconds - clock_.seconds()) / (one * rounds);
    return 1 + static_cast<int>(std::clamp(fit, 0.0, 500.0));
  }

  std::vector<TrialResult>& results() { return results_; }

 private:
  const HalvingOptions& options_;
  const RunTrial& run_;
  Clock clock_;
  std::vector<TrialResult> results_;
};

// Trials of a round, the best first.
std::vector<TrialResult> best_first(std::vector<TrialResult> round) {
  std::ranges::stable_sort(
      round, [](const TrialResult& a, const TrialResult& b) { return order_of(a) > order_of(b); });
  return round;
}

std::set<std::string> option_names(const std::vector<TrialResult>& results) {
  std::set<std::string> names;
  for (const TrialResult& result : results) {
    for (const auto& [name, value] : result.options) names.insert(name);
  }
  return names;
}

}  // namespace

std::vector<OptionValues> draw_options(const std::vector<TunedOption>& space, int count,
                                       std::uint64_t seed) {
  double all = 1.0;
  for (const TunedOption& option : space) all *= static_cast<double>(option.values.size());
  const auto wanted = static_cast<std::size_t>(std::min(static_cast<double>(count), all));
  Random random(seed, 0);
  std::vector<OptionValues> drawn;
  std::set<OptionValues> seen;
  while (drawn.size() < wanted) {
    OptionValues values;
    for (const TunedOption& option : space)
      values[option.name] = option.values[static_cast<std::size_t>(
          random.below(static_cast<Index>(option.values.size())))];
    if (seen.insert(values).second) drawn.push_back(std::move(values));
  }
  return drawn;
}

std::vector<TrialResult> successive_halving(const OptionValues& standard,
                                            const std::vector<TunedOption>& space,
                                            const HalvingOptions& options, const RunTrial& run) {
  Search search(options, run);
  search.run(1, standard, options.first_epochs, true);
  const int trials = options.trials > 0 ? options.trials : search.trials_that_fit();
  std::vector<OptionValues> drawn = draw_options(space, trials, options.seed);
  std::erase(drawn, standard);
  drawn.resize(std::min(drawn.size(), static_cast<std::size_t>(std::max(0, trials - 1))));
  int trial = 1;
  for (const OptionValues& values : drawn) {
    if (search.is_over_for(0) || !search.run(++trial, values, options.first_epochs, false)) break;
  }
  if (options.first_epochs == 0) return std::move(search.results());
  std::vector<TrialResult> round = search.results();
  for (int next = 1; next < options.rounds && !search.is_over(); ++next) {
    round = best_first(std::move(round));
    round.resize((round.size() + eta - 1) / eta);
    const std::size_t before = search.results().size();
    for (const TrialResult& one : round) {
      if (search.is_over_for(next) || !search.run(one.trial, one.options, one.epochs * eta, false))
        break;
    }
    round.assign(search.results().begin() + static_cast<std::ptrdiff_t>(before),
                 search.results().end());
    if (round.empty()) break;
  }
  return std::move(search.results());
}

const TrialResult& best_of(const std::vector<TrialResult>& results) {
  if (results.empty()) throw std::logic_error("expected a trial, got none");
  return *std::ranges::max_element(results, {}, order_of);
}

std::string to_csv(const std::vector<TrialResult>& results) {
  const std::set<std::string> names = option_names(results);
  std::string text = "trial,epochs,value,best_epochs,seconds";
  for (const std::string& name : names) text += "," + name;
  text += '\n';
  for (const TrialResult& one : results) {
    text += fmt::format("{},{},{:.6f},{},{:.2f}", one.trial, one.epochs, one.outcome.value,
                        one.outcome.best_epochs, one.seconds);
    for (const std::string& name : names) {
      const auto value = one.options.find(name);
      text += "," + (value == one.options.end() ? "" : value->second);
    }
    text += '\n';
  }
  return text;
}

std::string to_svg(const std::vector<TrialResult>& results, const std::string& title) {
  constexpr double left = 70.0, right = 620.0, top = 40.0, bottom = 320.0;
  const TrialResult& best = best_of(results);
  const auto place = [](const TrialResult& one) {
    return one.epochs > 0 ? std::log(static_cast<double>(one.epochs))
                          : static_cast<double>(one.trial);
  };
  const auto values = std::ranges::minmax_element(
      results, {}, [](const TrialResult& one) { return one.outcome.value; });
  const auto places = std::ranges::minmax_element(results, {}, place);
  const TrialResult &low = *values.min, &high = *values.max;
  const TrialResult &first = *places.min, &last = *places.max;
  const auto scaled = [](double value, double from, double to, double begin, double end) {
    return to > from ? begin + (end - begin) * (value - from) / (to - from) : 0.5 * (begin + end);
  };
  const auto x = [&](const TrialResult& one) {
    return scaled(place(one), place(first), place(last), left, right);
  };
  const auto y = [&](const TrialResult& one) {
    return scaled(one.outcome.value, low.outcome.value, high.outcome.value, bottom, top);
  };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"370\" "
      "font-family=\"sans-serif\">\n<rect width=\"680\" height=\"370\" fill=\"white\"/>\n"
      "<text x=\"10\" y=\"22\" font-size=\"14\">{}</text>\n"
      "<text x=\"5\" y=\"{}\" font-size=\"11\">{:.4f}</text>\n"
      "<text x=\"5\" y=\"{}\" font-size=\"11\">{:.4f}</text>\n"
      "<text x=\"{}\" y=\"350\" font-size=\"11\">{} {} to {}</text>\n",
      title, top + 4.0, high.outcome.value, bottom + 4.0, low.outcome.value, left,
      best.epochs > 0 ? "epochs, logarithmic:" : "trials:",
      best.epochs > 0 ? first.epochs : first.trial, best.epochs > 0 ? last.epochs : last.trial);
  std::map<int, std::string> lines;
  for (const TrialResult& one : results) {
    lines[one.trial] += fmt::format("{:.1f},{:.1f} ", x(one), y(one));
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x(one),
                       y(one), one.trial == best.trial ? "#2f7d4f" : "#9a9a9a");
  }
  for (const auto& [trial, points] : lines)
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", points,
                       trial == best.trial ? "#2f7d4f" : "#c8c8c8");
  return svg + "</svg>\n";
}

}  // namespace tapegrad::apps
