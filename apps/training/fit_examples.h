// From examples with labels to a trained network.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// A network over a fixed list of examples, which are meant by their numbers.
struct ExampleNetwork {
  // [examples, width of all targets].
  std::function<Tensor(Tape&, std::span<const Index>)> outputs;
  std::vector<Index> lengths;  // by example, as LengthBatches takes them
  // The outputs with factors of the examples' steps (ExampleSource), where examples have steps.
  std::function<Tensor(Tape&, std::span<const Index>, const Tensor&)> weighted_outputs{};
  // What is minimised, of some examples; empty: the cross-entropy of the outputs.
  std::function<Tensor(Tape&, std::span<const Index>)> loss{};
};

// Learns what a network needs besides its weights, such as a vocabulary, from some of the examples,
// and makes the network.
using MakeExampleNetwork = std::function<ExampleNetwork(const Scope&, std::span<const Index>)>;

struct ExampleFitOptions {
  LoopOptions loop;
  bool refit = true;  // train anew on all examples for the chosen number of epochs
  // Whether each class of a target counts the same, instead of each example.
  bool balanced = false;
  // Of a target with two classes, the precision that its threshold is chosen for; 0: the threshold
  // is ½.
  double precision = 0.0;
  // Where it is set, a network is only tried: it trains on all but the validation part for
  // loop.epochs, and this is told how good it is after each.
  std::function<void(const Judgement&)> judged{};
};

// Sets what a classifier has before it is fitted to some of the examples. Throws DataError where
// these all have the same number to predict.
void begin_classifier(StoredClassifier& model, const ModelSettings& settings, std::uint64_t seed,
                      std::span<const Labels> truth, std::span<const std::string> names,
                      std::span<const Index> some);
// Labels by target, with the numbers as the model's outputs say them.
std::vector<Labels> as_outputs(const StoredClassifier& model, std::span<const Labels> truth);

// Adds the classes of all targets, and the labels of some of the examples, to a hash.
void add_labels(StableHash& hash, std::span<const Labels> truth, std::span<const Index> some);

// Examples that train and that choose, by their numbers: a tenth of `some` chooses, in which each
// class of the first target, or small and large numbers of it, have their share. Throws DataError
// where that leaves none.
struct TrainingParts {
  std::vector<Index> training, validation;
};
// Whether there are 20 examples or more, so that a tenth of them says something.
bool can_validate(std::span<const Index> some);
TrainingParts training_parts(std::span<const Labels> truth, std::span<const Index> some,
                             std::uint64_t seed);

// How well outputs [examples, width] agree with the labels, whose numbers are as_outputs(): the
// mean over targets of the AUC of two classes, of the accuracy of more, and of the R² of numbers,
// or of Huber's loss of them where the model is trained with it. Among equals less loss is better:
// log loss of classes, of numbers the loss that is minimised.
Judgement judge_outputs(const StoredClassifier& model, std::span<const double> outputs,
                        std::span<const Labels> truth, std::span<const Index> examples);

// Sets temperatures and thresholds of classes by outputs [examples, width] of a validation part.
void calibrate(StoredClassifier& model, std::span<const double> outputs,
               std::span<const Labels> truth, std::span<const Index> examples, double precision);

// Outputs of some examples without gradients, row by row; the parameters must be settled.
std::vector<double> outputs_of(const ExampleNetwork& network, std::span<const Index> examples,
                               Index width, int threads);

// Trains the network of `model`, which has its settings and targets already, on the examples
// `some`; `truth` is by target, of all examples, with numbers as_outputs(). The validation part
// chooses the number of epochs and, with the weights that were best on it, temperatures and
// thresholds. Gives the number of epochs.
int fit_examples(StoredClassifier& model, const MakeExampleNetwork& make,
                 std::span<const Labels> truth, std::span<const Index> some,
                 const ExampleFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
