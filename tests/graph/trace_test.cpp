// What people see of a tape: its picture, and the times of its runs.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/graphviz.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
using nlohmann::json;

const tg::Initialiser halves = [](tg::Array& array, tg::Random&) {
  for (tg::Index i = 0; i < array.size(); ++i) array.set(i, 0.5);
};

std::string picture(tg::Tape& tape, const tg::GraphvizOptions& options = {}) {
  std::ostringstream out;
  tg::write_graphviz(out, tape, options);
  return out.str();
}

// The trace's instructions; the events that name threads are checked here.
std::vector<json> events(tg::Tape& tape) {
  std::ostringstream out;
  tg::write_chrome_trace(out, tape);
  const json trace = json::parse(out.str());
  std::vector<json> result;
  std::set<int> named, used;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "M") {
      if (event.at("name") == "thread_name") named.insert(event.at("tid").get<int>());
      continue;
    }
    CHECK(event.at("ph") == "X");
    CHECK(event.at("pid") == 1);
    CHECK(event.at("ts").get<double>() >= 0.0);
    CHECK(event.at("dur").get<double>() >= 0.0);
    used.insert(event.at("tid").get<int>());
    result.push_back(event);
  }
  CHECK(named == used);
  return result;
}

std::multiset<std::string> names(const std::vector<json>& events, const std::string& category) {
  std::multiset<std::string> result;
  for (const json& event : events) {
    if (event.at("cat") == category) result.insert(event.at("name").get<std::string>());
  }
  return result;
}

const json& event_named(const std::vector<json>& events, const std::string& name) {
  for (const json& event : events) {
    if (event.at("name") == name) return event;
  }
  FAIL("no event " << name);
  return events.front();
}

// A layer, twice: the products of both places run together.
struct Model {
  tg::Tensor loss;
  std::vector<tg::Tensor> products;
};

Model record_model(tg::Tape& tape, const tg::Parameter& weight) {
  const tg::LayerScope scope(tape, "net/dense");
  Model model{tape.constant(0.0), {}};
  for (int i = 0; i < 2; ++i) {
    const std::vector<float> numbers(12, static_cast<float>(i) + 1.0F);
    model.products.push_back(tg::matmul(tape.input(numbers, {4, 3}), tape(weight)));
    model.loss = model.loss + tg::sum(tg::tanh(model.products.back()));
  }
  return model;
}

TEST_CASE("a picture shows operations, layers, types and leaves") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("dense/weight", {3, 2}, halves);
  tg::Tape tape;
  const std::vector<float> numbers(12, 1.0F);
  const tg::Tensor x = tape.input(numbers, {4, 3});
  const tg::Tensor factor = tape.constant(0.25);
  tg::Tensor y;
  {
    const tg::LayerScope scope(tape, "net/dense");
    y = tg::matmul(x, tape(weight)) * factor;
  }
  const tg::Tensor twice = y + y;
  CHECK(picture(tape) == R"(digraph tape {
  node [fontname="Helvetica", fontsize=10];
  n0 [shape=ellipse, style=filled, fillcolor="#d6e4f5", label="input\nfloat32 [4, 3]"];
  n1 [shape=plaintext, label="0.25\nfloat32 []"];
  n2 [shape=box, style=filled, fillcolor="#cfe8cf", label="dense/weight\nfloat32 [3, 2]"];
  n3 [shape=box, style="rounded", label="matmul\nnet/dense\nfloat32 [4, 2]"];
  n0 -> n3;
  n2 -> n3;
  n4 [shape=box, style="rounded", label="multiply\nnet/dense\nfloat32 [4, 2]"];
  n3 -> n4;
  n1 -> n4;
  n5 [shape=box, style="rounded", label="add\ndense/weight\nfloat32 [4, 2]"];
  n4 -> n5;
  n4 -> n5;
}
)");
  CHECK(twice.node() == 5);
}

TEST_CASE("a picture of some outputs shows what they need") {
  tg::Tape tape;
  const tg::Tensor x = tape.constant(1.0);
  const tg::Tensor y = tg::exp(x);
  tg::tanh(x);
  const tg::Tensor z = tg::sin(y);
  const std::string dot = picture(tape, {.outputs = {z}});
  CHECK(dot.find("tanh") == std::string::npos);
  CHECK(dot.find("n1 -> n3;") != std::string::npos);
  CHECK(dot.find("n0 -> n1;") != std::string::npos);
  tape.clear();
  CHECK_THROWS_WITH_AS(picture(tape, {.outputs = {z}}),
                       "write_graphviz: the tensor was recorded before its tape was cleared",
                       tg::TapeError);
}

TEST_CASE("a picture escapes what Graphviz would read as its own") {
  tg::Tape tape;
  const tg::LayerScope scope(tape, "a\"b\\N&lt;\nc");
  tg::exp(tape.constant(1.0));
  const std::string dot = picture(tape);
  CHECK(dot.find(R"(label="exp\na\"b\\N&amp;lt;\nc\nfloat32 []"])") != std::string::npos);
}

TEST_CASE("a picture shows lines, gradients apart") {
  tg::Tape tape;
  const tg::Tensor x = tape.constant(1.0);
  tg::gradient(tg::exp(x) * x, x);
  const std::string dot = picture(tape, {.lines = true});
  CHECK(dot.find("trace_test.cpp:") != std::string::npos);
  CHECK(dot.find("style=\"rounded,dashed\", label=\"guarded_product") != std::string::npos);
}

TEST_CASE("a picture after a profiled run shows times") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {3, 2}, halves);
  tg::Tape tape({.threads = 1, .profile = true});
  for (int step = 0; step < 2; ++step) {  // the second time with the first one's plan
    tape.clear();
    const Model model = record_model(tape, weight);
    CHECK(picture(tape).find("µs") == std::string::npos);
    tg::backward(model.loss);
    const std::string dot = picture(tape);
    // Both products are one instruction; so are their gradients, which are merged.
    for (const tg::Tensor& product : model.products) {
      const std::size_t at = dot.find("n" + std::to_string(product.node()) + " [");
      REQUIRE(at != std::string::npos);
      const std::string line = dot.substr(at, dot.find('\n', at) - at);
      CAPTURE(line);
      const std::size_t own = line.find("µs for 2 nodes\\ngradient ");
      CHECK(line.find("matmul") < own);
      REQUIRE(own != std::string::npos);
      CHECK(line.find("µs for 2 nodes\"]", own + 1) != std::string::npos);
    }
    CHECK(picture(tape, {.times = false}).find("µs") == std::string::npos);
  }
  CHECK(tape.runner().hits() == 1);
}

TEST_CASE("dot reads the pictures") {
  if (std::system("dot -V > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no dot");
    return;
  }
  tg::Parameters parameters;
  tg::Tape tape({.profile = true});
  const tg::LayerScope scope(tape, "a\"b\\N&lt;\nc\\");
  tg::backward(record_model(tape, parameters.add("we\"ight", {3, 2}, halves)).loss);
  const auto path = std::filesystem::temp_directory_path() / "tapegrad_trace_test.dot";
  std::ofstream(path) << picture(tape, {.lines = true});
  CHECK(std::system(("dot -Tsvg \"" + path.string() + "\" > /dev/null").c_str()) == 0);
  std::filesystem::remove(path);
}

TEST_CASE("a trace needs a profiled tape, but no runs") {
  tg::Tape profiled({.profile = true});
  CHECK(events(profiled).empty());
  tg::Tape tape;
  std::ostringstream out;
  CHECK_THROWS_WITH_AS(
      tg::write_chrome_trace(out, tape),
      "write_chrome_trace: no times were kept: make the tape with TapeOptions::profile",
      tg::TapeError);
}

TEST_CASE("a trace names operations, also of gradients that have left the tape") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {3, 2}, halves);
  tg::Tape tape({.threads = 1, .profile = true});
  const Model model = record_model(tape, weight);
  tg::backward(model.loss);
  const auto all = events(tape);
  const auto forward = names(all, "forward");
  const auto gradient = names(all, "gradient");
  CHECK(forward.count("matmul") == 1);
  CHECK(forward.count("tanh") == 1);
  CHECK(forward.count("add") == 1);  // a + b + c is one sum
  CHECK(gradient.count("tanh gradient") == 1);

  const json& product = event_named(all, "matmul");
  CHECK(product.at("tid") == 0);
  const json& arguments = product.at("args");
  CHECK(arguments.at("node") == model.products[0].node());
  CHECK(arguments.at("nodes") == 2);
  CHECK(arguments.at("shape") == "[4, 2]");
  CHECK(arguments.at("dtype") == "float32");
  CHECK(arguments.at("layer") == "net/dense");
  CHECK(arguments.at("line").get<std::string>().find("trace_test.cpp:") != std::string::npos);
  CHECK(!arguments.contains("gradient_of"));

  const json& tanh_gradient = event_named(all, "tanh gradient").at("args");
  CHECK(tanh_gradient.at("node").get<tg::NodeId>() >= tape.structure().count());
  const auto of = tanh_gradient.at("gradient_of").get<tg::NodeId>();
  CHECK(tape.structure().nodes[of].operation->name == "tanh");
  CHECK(tanh_gradient.at("layer") == "net/dense");
  CHECK(tanh_gradient.at("nodes") == 2);

  // Another recording's events follow, with the names that the cached plan kept, also after other
  // nodes took their numbers.
  tape.clear();
  tg::backward(record_model(tape, weight).loss);
  tape.clear();
  tape.constant(1.0);
  CHECK(tape.runner().hits() == 1);
  const auto both = events(tape);
  CHECK(both.size() == 2 * all.size());
  CHECK(names(both, "gradient").count("tanh gradient") == 2);
  for (std::size_t i = 1; i < both.size(); ++i)
    CHECK(both[i].at("ts").get<double>() >= both[i - 1].at("ts").get<double>());
}

TEST_CASE("a trace escapes what JSON would read as its own") {
  tg::Tape tape({.threads = 1, .profile = true});
  const std::string path = "a\"b\\\n\tc \xC3\xA9";
  const tg::LayerScope scope(tape, path);
  tg::exp(tape.constant(1.0)).item();
  CHECK(event_named(events(tape), "exp").at("args").at("layer") == path);
}

TEST_CASE("profiling does not change the bits") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {3, 2}, halves);
  const auto run = [&](bool profile) {
    tg::Tape tape({.threads = 1, .profile = profile});
    // Elementwise work of this size is fused unless it is profiled.
    const tg::Tensor x = tape.full({10'007}, 0.3);
    const tg::Tensor loss = record_model(tape, weight).loss * tg::sum(tg::tanh(tg::exp(x) * x) + x);
    const tg::Array gradient = tg::backward(loss).at(weight);
    std::vector<float> numbers(gradient.values<float>().begin(), gradient.values<float>().end());
    numbers.push_back(loss.values<float>()[0]);
    return numbers;
  };
  CHECK(run(false) == run(true));
}

TEST_CASE("a trace tells threads apart") {
  tg::Tape tape({.threads = 2, .profile = true});
  // Independent products that are large enough for tasks of their own, and unlike enough not to run
  // together.
  tg::Tensor total = tape.constant(0.0);
  for (tg::Index i = 0; i < 8; ++i) {
    const tg::Tensor x = tape.full({200 + i, 200}, 0.01);
    total = total + tg::sum(tg::matmul(x, tape.full({200, 200}, 0.01)));
  }
  total.item();
  const auto all = events(tape);
  CHECK(names(all, "forward").count("matmul") == 8);
  std::map<int, std::vector<std::pair<double, double>>> spans;
  for (const json& event : all) {
    CHECK(event.at("tid") < 2);
    spans[event.at("tid").get<int>()].emplace_back(
        event.at("ts").get<double>(), event.at("ts").get<double>() + event.at("dur").get<double>());
  }
  // One thread does one thing at a time, up to the rounding of times.
  for (auto& [thread, times] : spans) {
    std::ranges::sort(times);
    for (std::size_t i = 1; i < times.size(); ++i)
      CHECK(times[i].first >= times[i - 1].second - 0.002);
  }
}

}  // namespace
