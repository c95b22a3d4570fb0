#include <tapegrad/apps/training/checkpoint.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/apps/models/settings.h>
#include <tapegrad/apps/training/run_identity.h>

namespace tapegrad::apps {
namespace {

using Arrays = Checkpoint::Arrays;

constexpr const char* format_name = "tapegrad checkpoint 1";
constexpr double exact = 9007199254740992.0;  // 2^53: up to here doubles hold every whole number
constexpr double finite = std::numeric_limits<double>::max();

// The numbers of a checkpoint; those that are no doubles are whole.
struct Number {
  const char* name;
  std::variant<int Checkpoint::*, Index Checkpoint::*, double Checkpoint::*> member;
  double least, greatest;
};
constexpr Number kept_numbers[] = {
    {"epoch", &Checkpoint::epoch, 0.0, settings::epochs.greatest},
    {"batch", &Checkpoint::batch, 0.0, exact},
    {"samples", &Checkpoint::samples, 0.0, exact},
    {"loss_sum", &Checkpoint::loss_sum, -finite, finite},
    {"step", &Checkpoint::step, 0.0, exact},
    {"best", &Checkpoint::best, -finite, finite},
    {"best_among_equals", &Checkpoint::best_among_equals, -finite, finite},
    {"best_epoch", &Checkpoint::best_epoch, 0.0, settings::epochs.greatest},
    {"average_steps", &Checkpoint::average_steps, 0.0, exact},
    {"average_steps_in", &Checkpoint::average_steps_in, 0.0, exact}};

void put(Arrays& all, const std::string& prefix, Arrays part) {
  for (auto& [name, array] : part) all.emplace(prefix + name, std::move(array));
}

void put(Arrays& all, const std::string& prefix, Parameters::Snapshot snapshot) {
  for (std::size_t i = 0; i < snapshot.size(); ++i)
    all.emplace(fmt::format("{}{}", prefix, i), std::move(snapshot[i]));
}

void put(Arrays& all, const std::string& prefix, const LearningCurves& curves) {
  for (const auto& [name, points] : curves.curves()) {
    std::vector<double> values;
    for (const LearningCurves::Point& point : points) {
      values.push_back(point.epoch);
      values.push_back(point.value);
    }
    all.emplace(prefix + name, Array::from(std::span<const double>(values),
                                           {static_cast<Index>(points.size()), 2}));
  }
}

// Moves out of `all` what is named `prefix` and more.
Arrays take_all(Arrays& all, const std::string& prefix) {
  Arrays part;
  for (auto at = all.lower_bound(prefix); at != all.end() && at->first.starts_with(prefix);
       at = all.erase(at))
    part.emplace(at->first.substr(prefix.size()), std::move(at->second));
  return part;
}

Array take(Arrays& all, const std::string& name) {
  auto found = all.extract(name);
  if (found.empty()) throw DataError(fmt::format("it lacks {}", name));
  return std::move(found.mapped());
}

void require(const std::string& name, const Array& array, const Shape& shape, Dtype dtype) {
  if (array.shape() == shape && array.dtype() == dtype) return;
  throw DataError(fmt::format("{} is {} of shape {}, expected {} of {}", printable(name, 100),
                              name_of(array.dtype()), array.shape().to_string(), name_of(dtype),
                              shape.to_string()));
}

void require_finite(const std::string& name, const Array& array) {
  for (Index i = 0; i < array.size(); ++i) {
    if (!std::isfinite(array.at(i)))
      throw DataError(
          fmt::format("{} must be finite numbers, got {}", printable(name, 100), array.at(i)));
  }
}

void take_number(Arrays& all, const Number& number, Checkpoint& checkpoint) {
  const std::string name = std::string("loop/") + number.name;
  const Array array = take(all, name);
  require(name, array, {}, Dtype::float64);
  const double value = array.at(0);
  const bool whole = !std::holds_alternative<double Checkpoint::*>(number.member);
  if (!(value >= number.least && value <= number.greatest) || (whole && value != std::floor(value)))
    throw DataError(fmt::format("{} must be a {} within [{}, {}], got {}", name,
                                whole ? "whole number" : "number", number.least, number.greatest,
                                value));
  std::visit(
      [&](auto member) {
        checkpoint.*member = static_cast<std::decay_t<decltype(checkpoint.*member)>>(value);
      },
      number.member);
}

// One array a parameter, or none at all.
Parameters::Snapshot take_snapshot(Arrays& all, const std::string& prefix,
                                   const Parameters& parameters) {
  Parameters::Snapshot snapshot;
  const auto first = all.lower_bound(prefix);
  if (first == all.end() || !first->first.starts_with(prefix)) return snapshot;
  for (const Parameter& parameter : parameters) {
    const std::string name = fmt::format("{}{}", prefix, parameter.index());
    snapshot.push_back(take(all, name));
    require(name, snapshot.back(), parameter.shape(), parameter.dtype());
    require_finite(name, snapshot.back());
  }
  return snapshot;
}

Arrays take_weights(Arrays& all, const std::string& prefix, const Parameters& parameters) {
  Arrays weights = take_all(all, prefix);
  for (const auto& [name, own] : nn::weights_of(parameters)) {
    const auto found = weights.find(name);
    if (found == weights.end()) throw DataError(fmt::format("it lacks {}{}", prefix, name));
    require(prefix + name, found->second, own.shape(), own.dtype());
    require_finite(prefix + name, found->second);
  }
  if (weights.size() > parameters.size())
    throw DataError(fmt::format("its {} are more than the model has", prefix));
  return weights;
}

void take_curves(Arrays& all, const std::string& prefix, LearningCurves& curves) {
  for (const auto& [curve, points] : take_all(all, prefix)) {
    const std::string name = prefix + curve;
    constexpr std::size_t longest_name = 1024;  // those of gradients have the paths of parameters
    check_label("a curve's name", curve, longest_name);
    const Index count = points.shape().rank() == 2 ? points.shape()[0] : 0;
    require(name, points, {count, 2}, Dtype::float64);
    double before = 0.0;
    for (Index i = 0; i < count; ++i) {
      const double epoch = points.at(2 * i);
      if (!(epoch > before && epoch <= settings::epochs.greatest && epoch == std::floor(epoch)))
        throw DataError(fmt::format(
            "the epochs of {} must be whole numbers that ascend within [1, {}], got {} after {}",
            name, settings::epochs.greatest, epoch, before));
      curves.add(curve, static_cast<int>(before = epoch), points.at(2 * i + 1));
    }
  }
}

Checkpoint checked(nn::WeightFile& file, const Parameters& parameters) {
  Arrays& all = file.tensors;
  Checkpoint checkpoint;
  checkpoint.run = metadata_of(file, "run");
  for (const Number& number : kept_numbers) take_number(all, number, checkpoint);
  checkpoint.weights = take_weights(all, "weights/", parameters);
  checkpoint.optimizer = take_all(all, "optimizer/");
  checkpoint.source = take_all(all, "source/");
  checkpoint.average = take_snapshot(all, "average/", parameters);
  checkpoint.best_weights = take_snapshot(all, "best/", parameters);
  take_curves(all, "curves/", checkpoint.curves);
  if (!all.empty())
    throw DataError(
        fmt::format("it has {}, which is not known", printable(all.begin()->first, 100)));
  if (checkpoint.best_epoch > checkpoint.epoch)
    throw DataError(fmt::format("loop/best_epoch ({}) must not be past loop/epoch ({})",
                                checkpoint.best_epoch, checkpoint.epoch));
  if ((checkpoint.best_epoch > 0) == checkpoint.best_weights.empty())
    throw DataError(fmt::format("it {} best/0, its loop/best_epoch is {}",
                                checkpoint.best_weights.empty() ? "lacks" : "has",
                                checkpoint.best_epoch));
  if (checkpoint.average_steps_in > checkpoint.average_steps)
    throw DataError(
        fmt::format("loop/average_steps_in ({}) must not be past loop/average_steps ({})",
                    checkpoint.average_steps_in, checkpoint.average_steps));
  return checkpoint;
}

std::string run_of(const std::string& path, const nn::WeightFile& file) {
  try {
    check_format(file, format_name);
    return metadata_of(file, "run");
  } catch (const std::exception& error) {
    throw DataError(fmt::format("{}: is no checkpoint of ours: {}", path, error.what()));
  }
}

}  // namespace

nn::FileLock save_checkpoint(const std::string& path, Checkpoint checkpoint) {
  nn::WeightFile file;
  Arrays& all = file.tensors;
  put(all, "weights/", std::move(checkpoint.weights));
  put(all, "optimizer/", std::move(checkpoint.optimizer));
  put(all, "source/", std::move(checkpoint.source));
  put(all, "average/", std::move(checkpoint.average));
  put(all, "best/", std::move(checkpoint.best_weights));
  put(all, "curves/", checkpoint.curves);
  for (const Number& number : kept_numbers) {
    const double value = std::visit(
        [&](auto member) { return static_cast<double>(checkpoint.*member); }, number.member);
    all.emplace(std::string("loop/") + number.name, Array::full({}, value, Dtype::float64));
  }
  file.metadata = {{"format", format_name}, {"run", checkpoint.run}};
  return save_sealed(path, std::move(file));
}

Checkpoint load_checkpoint(const std::string& path, const std::string& run,
                           const Parameters& parameters, const std::string& shorter_run) {
  nn::WeightFile file = load_sealed(path);
  if (const std::string own = run_of(path, file);
      own != run && (shorter_run.empty() || own != shorter_run))
    throw DataError(fmt::format("{}: is the checkpoint of another run: {}", path,
                                difference_of_runs(run, own)));
  try {
    return checked(file, parameters);
  } catch (const std::exception& error) {
    throw DataError(fmt::format("{}: is damaged: {}", path, error.what()));
  }
}

std::optional<std::string> checkpoint_identity(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return run_of(path, load_sealed(path));
}

}  // namespace tapegrad::apps
