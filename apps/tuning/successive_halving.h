// A search for good options within a given time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace tapegrad::apps {

// Values of options by their names, as on a command line without the dashes.
using OptionValues = std::map<std::string, std::string>;

// An option and the values that are tried.
struct TunedOption {
  std::string name;
  std::vector<std::string> values;
};

// Up to `count` different combinations, drawn uniformly; all where there are not more. The same for
// the same seed.
std::vector<OptionValues> draw_options(const std::vector<TunedOption>& space, int count,
                                       std::uint64_t seed);

// How good a trial was on the validation part.
struct TrialOutcome {
  double value = 0.0;         // more is better
  double among_equals = 0.0;  // decides where values are the same
  int best_epochs = 0;        // the number of epochs that this was after; 0 where there are none
  std::string text = {};      // for people, such as "HR@10 0.7012 NDCG@10 0.4211"
};

struct TrialResult {
  int trial = 0;   // from 1 on; 1 is the model as it is without a choice
  int epochs = 0;  // that it might train for; 0 where there are none
  double seconds = 0.0;
  OptionValues options;
  TrialOutcome outcome;
};

// Thrown by a trial that was still at work when the time was over.
class TimeIsUp : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct HalvingOptions {
  double seconds = 600.0;  // how long the search may last
  int trials = 0;          // how many options are drawn; 0: as many as fit into the time
  // The first round; each further one has three times as many, for the best third of the trials. 0:
  // trials have no epochs, and there is one round.
  int first_epochs = 2;
  int rounds = 4;
  std::uint64_t seed = 1;
};

// Runs a trial for some epochs, until `is_over` says that the time is up (it throws TimeIsUp then).
using RunTrial = std::function<TrialOutcome(const OptionValues& options, int epochs,
                                            const std::function<bool()>& is_over)>;

// Successive halving: all trials train a little, the best third of them three times as long, and so
// on. The first trial is that of `standard`; it always runs, whatever time it takes. With a number
// of trials, and time enough, the result is the same in every run. Source: Jamieson & Talwalkar,
// "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
std::vector<TrialResult> successive_halving(const OptionValues& standard,
                                            const std::vector<TunedOption>& space,
                                            const HalvingOptions& options, const RunTrial& run);

// The result with the highest value, among equals by `among_equals`, then the first. Throws
// std::logic_error without any.
const TrialResult& best_of(const std::vector<TrialResult>& results);

// A line a result: trial, epochs, value, best_epochs, seconds, and a column an option.
std::string to_csv(const std::vector<TrialResult>& results);
// A picture: for each trial its value by epochs, the best in colour; without epochs, by trial.
std::string to_svg(const std::vector<TrialResult>& results, const std::string& title);

}  // namespace tapegrad::apps
