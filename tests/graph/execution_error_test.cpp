// Errors while a plan runs.
#include "custom_operations.h"
#include "random_graph.h"

#include <limits>

#include <oneapi/tbb/global_control.h>

namespace {

namespace tg = tapegrad;
using graph_test::at_line;
using graph_test::holds;
using graph_test::numbers_of;
using graph_test::thrown;

}  // namespace

TEST_CASE(
    "a kernel that throws reaches the caller with operation, shapes, layer and line, and the tape "
    "stays usable") {
  tg::Parameters parameters(1);
  const tg::Parameter& table = parameters.add("table", {3, 2}, graph_test::uniform());
  for (const bool backward : {false, true}) {
    CAPTURE(backward);
    tg::Tape tape;
    for (int attempt = 0; attempt < 3; ++attempt) {
      tape.clear();
      const tg::LayerScope scope(tape, "model/items");
      std::vector<float> scores(8);
      scores[attempt == 1 ? 7 : 1] = 1.0F;
      const tg::Tensor x = tape.input(std::span<const float>(scores), {2, 4});
      const int line = __LINE__ + 1;
      const tg::Tensor rows = tg::gather_rows(tape(table), tg::argmax(x));
      const tg::Tensor loss = tg::sum(tg::exp(rows));
      const auto run = [&] { backward ? (void)tg::backward(loss) : (void)loss.item(); };
      if (attempt != 1) {
        CHECK(thrown(run) == "nothing");
        continue;
      }
      const std::string expected =
          "ValueError: gather_rows: id 3 is outside of 3 rows; inputs [3, 2], [2], output [2, 2]; "
          "model/items " +
          at_line(__FILE__, line);
      const tg::NodeId count = tape.structure().count();
      CHECK(thrown(run) == expected);
      CHECK(thrown(run) == expected);
      CHECK(tape.structure().count() == count);
      CHECK(numbers_of(x).size() == 8);
      CHECK(numbers_of(tg::argmax(x)) == std::vector<double>{0, 3});
    }
  }
}

TEST_CASE(
    "of several errors the first of the tape is told, on any number of threads, in split kernels "
    "too") {
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, 4);
  constexpr tg::Index rows = 60000;
  std::vector<float> scores(static_cast<std::size_t>(rows) * 4);
  for (tg::Index r = 0; r < rows; ++r)
    scores[static_cast<std::size_t>(r * 4 + (r < 20000 ? 0 : 2 + r % 2))] = 1.0F;
  std::string first;
  for (const int threads : {1, 2, 4, 4, 4, 4}) {
    CAPTURE(threads);
    tg::Tape tape({.threads = threads});
    const tg::Tensor x = tape.input(std::span<const float>(scores), {rows, 4});
    const tg::Tensor places = tg::argmax(x);
    std::vector<tg::Tensor> sums;
    int line = 0;
    for (int i = 0; i < 6; ++i) {
      // Every one of these fails at many rows, the first at row 20001 with place 3.
      const tg::LayerScope scope(tape, graph_test::numbered("layer", i));
      const tg::Tensor table = tape.full({i == 0 ? 3 : 2, 64 + i}, 0.5);
      line = __LINE__ + 1;
      sums.push_back(tg::mean(tg::exp(tg::gather_rows(table, places))));
    }
    const tg::Tensor loss = tg::add_all(sums);
    const std::string message = thrown([&] { (void)loss.item(); });
    CHECK(message ==
          "ValueError: gather_rows: id 3 is outside of 3 rows; inputs [3, 64], [60000], output "
          "[60000, 64]; layer0 " +
              at_line(__FILE__, line));
    if (first.empty()) first = message;
    CHECK(message == first);
    CHECK(tg::sum(x).item() == rows);
  }
}

TEST_CASE("check_finite names the first operation whose result is not finite") {
  for (const bool batching : {true, false}) {
    tg::Parameters parameters;
    const tg::Parameter& a = parameters.add("a", {2}, graph_test::numbers({0, -1}));
    tg::Tape tape({.check_finite = true, .batching = batching});
    const tg::Tensor fine = tg::exp(tape(a));
    const int line = __LINE__ + 1;
    const tg::Tensor bad = tg::log(tape(a) * 1.0);
    const tg::Tensor loss = tg::sum(fine + bad * bad);
    CHECK(thrown([&] { (void)loss.item(); }) ==
          "ExecutionError: log: the result is not finite; inputs [2], output [2]; a " +
              at_line(__FILE__, line));
    CHECK(tg::sum(fine).item() == doctest::Approx(1.367879));
    // A gradient that is not finite is told as one of the operation that it belongs to.
    const tg::Tensor root = tg::sum(tg::sqrt(tg::square(tape(a)) - tape(a) * tape(a)));
    const std::string message = thrown([&] { tg::backward(root); });
    CHECK(holds(message, "ExecutionError: sqrt: the result is not finite"));
    CHECK(holds(message, "in the gradient of a at "));
    tape.clear();
    CHECK(thrown([&] { tg::backward(tg::sum(tape(a))); }) == "nothing");
    tg::Tape unchecked;
    CHECK(std::isnan(tg::sum(tg::log(unchecked(a))).item()));
  }
}

TEST_CASE(
    "check_nan names the first operation whose result holds a NaN, and lets infinities pass") {
  for (const bool batching : {true, false}) {
    tg::Parameters parameters;
    const tg::Parameter& a = parameters.add("a", {2}, graph_test::numbers({0, 1}));
    tg::Tape tape({.check_nan = true, .batching = batching});
    const tg::Tensor masked = tg::log(tape(a));  // -inf and 0, as a mask of scores has them
    CHECK(thrown([&] { (void)masked.values(); }) == "nothing");
    CHECK(thrown([&] { (void)tg::softmax(tape(a) + masked).values(); }) == "nothing");
    const int line = __LINE__ + 1;
    const tg::Tensor bad = masked * tape(a);
    CHECK(thrown([&] { (void)bad.values(); }) ==
          "ExecutionError: multiply: the result holds a NaN; inputs [2], [2], output [2]; a " +
              at_line(__FILE__, line));
  }
}

TEST_CASE(
    "an error names the function that the user called, not an operation that this is made of") {
  struct Called {
    std::string name;
    std::function<tg::Tensor(const tg::Tensor& x)> function;
  };
  const std::vector<Called> calls{
      {"softmax", [](const tg::Tensor& x) { return tg::softmax(x); }},
      {"log_softmax", [](const tg::Tensor& x) { return tg::log_softmax(x); }},
      {"logsumexp", [](const tg::Tensor& x) { return tg::logsumexp(x); }},
      {"mean", [](const tg::Tensor& x) { return tg::mean(x); }},
      {"variance", [](const tg::Tensor& x) { return tg::variance(x, {1}); }},
      {"norm", [](const tg::Tensor& x) { return tg::norm(x); }},
      {"dot",
       [](const tg::Tensor& x) { return tg::dot(tg::reshape(x, {6}), tg::reshape(x, {6})); }},
      {"mean_squared_error",
       [](const tg::Tensor& x) {
         return tg::mean_squared_error(x, x.tape().full({2, 3}, 1.0));
       }},
      {"huber",
       [](const tg::Tensor& x) {
         return tg::huber(x, x.tape().full({2, 3}, 1.0));
       }},
      {"bpr",
       [](const tg::Tensor& x) {
         return tg::bpr(x, x.tape().full({2, 3}, 1.0));
       }},
      {"binary_cross_entropy_with_logits",
       [](const tg::Tensor& x) {
         return tg::binary_cross_entropy_with_logits(x, x.tape().full({2, 3}, 1.0));
       }},
      {"softmax_cross_entropy",
       [](const tg::Tensor& x) {
         return tg::softmax_cross_entropy(x, tg::argmax(x.tape().full({2, 3}, 0.0)));
       }},
      {"dropout", [](const tg::Tensor& x) { return tg::dropout(x, 0.0001); }},
      {"max", [](const tg::Tensor& x) { return tg::max(x, 1); }},
      {"sort", [](const tg::Tensor& x) { return tg::sort(x).values; }},
      {"stack", [](const tg::Tensor& x) {
         return tg::stack(std::vector<tg::Tensor>{x, x}, 0);
       }}};
  for (const bool eager : {false, true}) {
    for (const Called& called : calls) {
      CAPTURE(called.name);
      CAPTURE(eager);
      tg::TapeOptions options{.check_nan = true};
      options.eager = eager;
      tg::Tape tape(options);
      const std::vector<float> numbers{1, std::numeric_limits<float>::quiet_NaN(), 2, 3, 4, 5};
      const tg::Tensor x = tape.input(std::span<const float>(numbers), {2, 3});
      const std::string message = thrown([&] { (void)called.function(x).copy(); });
      CHECK_MESSAGE(message.starts_with("ExecutionError: " + called.name + ": "), message);
    }
  }
}

TEST_CASE("an operation is recorded with as many inputs as it states, or not at all") {
  tg::Tape tape;
  const tg::Tensor x = tape.full({2}, 1.0);
  const std::vector<tg::Tensor> inputs(4, x);
  const auto with = [&](const tg::Operation& operation, std::size_t count) {
    return thrown(
        [&] { tg::record(operation, std::span(inputs).first(count), {}, tg::SourceLine::here()); });
  };
  CHECK(holds(with(graph_test::cube_operation, 2), "ValueError: cube: takes 1 input, got 2; "));
  CHECK(with(graph_test::cube_operation, 1) == "nothing");
  const tg::Operation unstated{
      .name = "unstated",
      .form = tg::Form::elementwise,
      .elementwise_float = tg::elementwise_kernel<graph_test::Cube, float, 1>};
  CHECK(holds(with(unstated, 1),
              "ValueError: unstated: the operation does not state how many inputs it takes; "));
}

TEST_CASE("eager recording throws at once, at the line that did it") {
  tg::Tape tape({.eager = true});
  const tg::Tensor x = tape.full({2, 3}, 1.0);
  const tg::Tensor places = tg::argmax(x - 2.0 * x);
  CHECK(holds(thrown([&] { tg::one_hot(places, 0); }),
              "ValueError: one_hot: id 0 is outside of 0 classes; inputs [2], output [2, 0]; at "));
  CHECK(tg::sum(x).item() == 6);
}
