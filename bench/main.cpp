// tg-bench: times training steps, checks them against another framework's losses, or prints where
// the time goes.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <tapegrad/graph/runner.h>

#include "kernels.h"
#include "workload.h"

namespace {

namespace tg = tapegrad;
namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The median rate over the steps of the window, after two steps that do not count.
double measure(bench::Workload& workload, double seconds) {
  for (int i = 0; i < 2; ++i) workload.step();
  std::vector<double> rates;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds || rates.size() < 3) {
    const auto began = Clock::now();
    const tg::Index units = workload.step();
    rates.push_back(static_cast<double>(units) / seconds_since(began));
  }
  const auto middle = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2);
  std::nth_element(rates.begin(), middle, rates.end());
  return *middle;
}

// The largest relative difference of the losses from the file's.
double check(bench::Workload& workload, const std::string& path) {
  const tg::nn::WeightFile file = tg::nn::load_weights(path);
  workload.load(file);
  const auto losses = file.tensors.find("losses");
  if (losses == file.tensors.end()) throw std::runtime_error(path + " has no losses");
  double worst = 0.0;
  for (tg::Index i = 0; i < losses->second.size(); ++i) {
    workload.step();
    const double expected = losses->second.at(i);
    const double error = std::abs(workload.loss() - expected) / std::abs(expected);
    fmt::print("step {:2}: {:.7f}, expected {:.7f}\n", i, workload.loss(), expected);
    worst = std::max(worst, std::isnan(error) ? INFINITY : error);
  }
  return worst;
}

// Nanoseconds a node of each stage, beside the design's budgets.
void print_stages(const bench::Entry& entry, tg::TapeOptions options) {
  const auto hit = entry.make(options);
  for (int i = 0; i < 20; ++i) hit->step();
  const tg::StageTimes run = hit->tape().runner().stage_times();
  options.plan_cache = false;
  const auto miss = entry.make(options);
  for (int i = 0; i < 20; ++i) miss->step();
  const tg::StageTimes plan = miss->tape().runner().stage_times();
  const auto forward = static_cast<double>(plan.forward_nodes);
  const auto all = static_cast<double>(plan.all_nodes);
  double record = 1e300;
  for (int i = 0; i < 50; ++i) {
    const auto start = Clock::now();
    hit->tape().clear();
    hit->record_only();
    record = std::min(record, seconds_since(start) * 1e9);
  }
  fmt::print("stage           ns/node   budget\n");
  fmt::print("record        {:9.1f}       20   a recorded node\n", record / forward);
  fmt::print("hit check     {:9.1f}        1   a recorded node\n", run.lookup / forward);
  fmt::print("differentiate {:9.1f}       45   an emitted node\n",
             plan.differentiate / std::max(1.0, all - forward));
  fmt::print("plan          {:9.1f}   70-120   a node\n", plan.plan / all);
  fmt::print("run           {:9.1f}       12   an instruction\n",
             run.run / static_cast<double>(std::max<std::size_t>(1, plan.instructions)));
  fmt::print("{} recorded nodes, {} with the gradient's, {} instructions\n", plan.forward_nodes,
             plan.all_nodes, plan.instructions);
}

std::string names() {
  std::string text;
  for (const bench::Entry& entry : bench::workloads())
    text += (text.empty() ? "" : ", ") + std::string(entry.name);
  return text;
}

int run(int argc, char** argv) {
  po::options_description visible("tg-bench WORKLOAD [options]\nworkloads: " + names());
  visible.add_options()("help", "this text")("seconds", po::value<double>()->default_value(3.0),
                                             "length of the timed window")(
      "threads", po::value<int>()->default_value(0), "threads; 0: as many as there are cores")(
      "no-plan-cache", "plan every step anew")("no-batching",
                                               "do not run like nodes of a step together")(
      "check", po::value<std::string>(), "start from FILE and compare its losses")(
      "stages", "print nanoseconds a node for each stage")(
      "kernels", po::value<double>()->implicit_value(6.0),
      "instead of a workload: compare every kernel's time an element with that of exp, and mark "
      "those that take more than this "
      "many times as long");
  po::options_description all;
  all.add(visible).add_options()("workload", po::value<std::string>());
  po::positional_options_description positional;
  positional.add("workload", 1);
  po::variables_map given;
  po::store(po::command_line_parser(argc, argv).options(all).positional(positional).run(), given);
  po::notify(given);
  if (given.contains("help")) {
    std::cout << visible;
    return 0;
  }
  if (given.contains("kernels")) {
    bench::print_kernels(given["kernels"].as<double>());
    return 0;
  }
  if (!given.contains("workload")) throw po::error("a workload is needed, one of " + names());
  const auto name = given["workload"].as<std::string>();
  const auto entries = bench::workloads();
  const auto entry = std::ranges::find(entries, name, &bench::Entry::name);
  if (entry == entries.end())
    throw po::error("there is no workload " + name + "; there are " + names());
  const int threads = given["threads"].as<int>();
  if (threads < 0) throw po::error("--threads must not be negative");
  // Losses are compared without dropout, whose random numbers are nobody else's.
  const tg::TapeOptions options{.threads = threads,
                                .training = !given.contains("check"),
                                .batching = !given.contains("no-batching"),
                                .plan_cache = !given.contains("no-plan-cache")};
  if (given.contains("stages")) {
    print_stages(*entry, options);
    return 0;
  }
  const auto workload = entry->make(options);
  if (given.contains("check")) {
    constexpr double tolerance = 1e-4;
    const double worst = check(*workload, given["check"].as<std::string>());
    fmt::print("{}: largest relative difference {:.2e}\n", name, worst);
    return worst <= tolerance ? 0 : 1;
  }
  const double rate = measure(*workload, given["seconds"].as<double>());
  fmt::print("{} {:.1f} {}/s\n", entry->name, rate, entry->unit);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const po::error& error) {
    std::cerr << "tg-bench: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "tg-bench: " << error.what() << '\n';
    return 1;
  }
}
