// Recording: handles, modes, leaves and the texts of errors.
#include "custom_operations.h"
#include "graph_test_tools.h"

#include <optional>

namespace {

namespace tg = tapegrad;
using graph_test::at_line;
using graph_test::holds;
using graph_test::numbers_of;
using graph_test::some_ids;
using graph_test::thrown;

tg::Tensor filled(tg::Tape& tape, const tg::Shape& shape, double value = 1.0) {
  return tape.full(shape, value);
}

}  // namespace

TEST_CASE("a tensor of a cleared tape is an error wherever it is used") {
  tg::Tape tape;
  const tg::Tensor x = filled(tape, {2});
  const std::uint32_t before = tape.generation();
  tape.clear();
  CHECK(tape.generation() == before + 1);
  const std::string stale = "the tensor was recorded before its tape was cleared";
  CHECK(thrown([&] { (void)x.shape(); }) == "TapeError: shape: " + stale);
  CHECK(thrown([&] { (void)x.values(); }) == "TapeError: values: " + stale);
  CHECK(thrown([&] { (void)x.item(); }) == "TapeError: shape: " + stale);
  CHECK(thrown([&] { tg::exp(x); }) == "TapeError: exp: " + stale);
  CHECK(thrown([&] { tg::backward(x); }) == "TapeError: backward: " + stale);
  CHECK(thrown([&] { tape.keep(x); }) == "TapeError: keep: " + stale);
  CHECK(thrown([&] { tape.evaluate(x); }) == "TapeError: evaluate: " + stale);
  const tg::Tensor fresh = filled(tape, {2});
  CHECK(thrown([&] { fresh + x; }) == "TapeError: add: " + stale);
  CHECK(thrown([&] { x + fresh; }) == "TapeError: add: " + stale);
  CHECK(numbers_of(fresh + fresh) == std::vector<double>{2, 2});
}

TEST_CASE("tensors that are empty or of two tapes are errors") {
  tg::Tape one, two;
  const tg::Tensor x = filled(one, {2});
  const tg::Tensor y = filled(two, {2});
  CHECK(thrown([&] { x* y; }) == "TapeError: multiply: the tensor belongs to another tape");
  CHECK(thrown([&] {
          tg::concatenate({x, y});
        }) == "TapeError: concatenate: the tensor belongs to another tape");
  CHECK(thrown([&] { tg::matmul(x, y); }) ==
        "TapeError: matmul: the tensor belongs to another tape");
  CHECK(thrown([&] { one.evaluate(y); }) ==
        "TapeError: evaluate: the tensor belongs to another tape");
  CHECK(thrown([&] { tg::exp(tg::Tensor()); }) ==
        "TapeError: the tensor is empty: it was never recorded");
  CHECK(thrown([&] { x + tg::Tensor(); }) == "TapeError: add: the tensor is empty");
  CHECK(!tg::Tensor());
}

TEST_CASE("shape errors say what came, the layer and the user's line") {
  tg::Tape tape;
  const tg::LayerScope scope(tape, "lstm/input");
  const tg::Tensor a = filled(tape, {2, 3});
  const tg::Tensor b = filled(tape, {4, 5});
  struct Case {
    const char* text;
    int line;
    std::function<void()> record;
  };
  // clang-format off
  const Case cases[] = {
      {"matmul: left columns (3) must equal right rows (4); left [2, 3], right [4, 5]",
       __LINE__, [&] { tg::matmul(a, b); }},
      {"add: shapes [2, 3] and [4, 5] do not broadcast",
       __LINE__, [&] { a + b; }},
      {"divide: shapes [2, 3] and [4, 5] do not broadcast",
       __LINE__, [&] { a / b; }},
      {"where: shapes [2, 3] and [4, 5] do not broadcast",
       __LINE__, [&] { tg::where(a, a, b); }},
      {"concatenate: inputs must be alike except along axis 1; input 0 [2, 3], input 1 [4, 5]",
       __LINE__, [&] { tg::concatenate({a, b}, 1); }},
      {"slice: [2, 9) is not within axis 1 of [2, 3]",
       __LINE__, [&] { tg::slice(a, 1, 2, 9); }},
      {"reshape: [2, 3] has 6 elements, [4, 1] has 4",
       __LINE__, [&] { tg::reshape(a, {4, -1}); }},
      {"sum: axis 2 is outside of [2, 3], which has 2 axes",
       __LINE__, [&] { tg::sum(a, {2}); }}};
  // clang-format on
  for (const Case& one : cases) {
    CHECK(thrown(one.record) ==
          std::string("ShapeError: ") + one.text + "; lstm/input " + at_line(__FILE__, one.line));
  }
}

TEST_CASE("without a scope the path is the nearest parameter's, and without one there is none") {
  tg::Parameters parameters;
  tg::Parameter& weight =
      (parameters.root() / "layer").parameter("weight", {3, 4}, graph_test::uniform());
  tg::Tape tape;
  const tg::Tensor plain = filled(tape, {2, 2});
  const tg::Tensor h = tg::tanh(tape(weight) * 2.0);
  CHECK(holds(thrown([&] { tg::matmul(h, plain); }), "right [2, 2]; layer/weight at "));
  CHECK(holds(thrown([&] { tg::matmul(plain, tape.full({3, 1}, 0)); }), "right [3, 1]; at "));
  tg::Tensor inner, outer;
  {
    const tg::LayerScope first(tape, "one");
    {
      const tg::LayerScope second(tape, "one/two");
      inner = tg::exp(plain);
    }
    outer = tg::exp(plain);
  }
  CHECK(tape.path_of(inner.node()) == "one/two");
  CHECK(tape.path_of(outer.node()) == "one");
  CHECK(tape.path_of(tg::exp(plain).node()) == "");
}

TEST_CASE("operators give the user's line") {
  tg::Tape tape;
  const tg::Tensor x = filled(tape, {2});
  struct Case {
    tg::Tensor tensor;
    int line;
  };
  const Case cases[] = {{x + x, __LINE__}, {x - 1.0, __LINE__},    {2.0 / x, __LINE__},
                        {-x, __LINE__},    {tg::sum(x), __LINE__}, {tg::detach(x), __LINE__}};
  for (const Case& one : cases) {
    CHECK(tape.line_of(one.tensor.node()).line == one.line);
    CHECK(std::string(tape.line_of(one.tensor.node()).file) == __FILE__);
  }
}

TEST_CASE("ids are checked against the table when they are recorded") {
  tg::Tape tape;
  const tg::Tensor table = filled(tape, {5, 2});
  for (const tg::Index bad : {-1, 5, 1000000}) {
    const int line = __LINE__ + 1;
    const std::string message = thrown([&] { tg::gather_rows(table, some_ids(tape, {0, bad})); });
    CHECK(message == "ValueError: gather_rows: id " + std::to_string(bad) +
                         " is outside of 5 rows; " + at_line(__FILE__, line));
  }
  CHECK(numbers_of(tg::gather_rows(table, some_ids(tape, {0, 4}))).size() == 4);
  CHECK(tg::gather_rows(table, some_ids(tape, {})).shape() == tg::Shape{0, 2});
}

TEST_CASE("leaves check their numbers and convert to the tape's type") {
  tg::Tape tape({.dtype = tg::Dtype::float64});
  const std::vector<float> three{1, 2, 3};
  const tg::Shape four{2, 2};
  const int line = __LINE__ + 1;
  const std::string message = thrown([&] { tape.input(std::span<const float>(three), four); });
  CHECK(message ==
        "ShapeError: input: shape [2, 2] takes 4 values, got 3; " + at_line(__FILE__, line));
  CHECK(tape.input(std::span<const float>(three), {3}).dtype() == tg::Dtype::float64);
  CHECK(numbers_of(tape.input(tg::Array::from<std::int32_t>({4, 5}, {2}))) ==
        std::vector<double>{4, 5});
  CHECK(tape.input(tg::Array::from<std::int32_t>({4, 5}, {2})).dtype() == tg::Dtype::int64);
  const tg::Array single({2}, tg::Dtype::float32);
  CHECK(holds(thrown([&] { tape.borrow(single); }),
              "ShapeError: borrow: the tape holds float64, the array float32"));
  tg::Array borrowed({2}, tg::Dtype::float64);
  const tg::Tensor later = tape.borrow(borrowed) + 1.0;
  borrowed.set(0, 41);
  CHECK(numbers_of(later) == std::vector<double>{42, 1});
  CHECK(thrown([] { tg::Tape bad({.dtype = tg::Dtype::int64}); }) ==
        "ValueError: a tape's element type is float32 or float64, got int64");
  CHECK(thrown([] { tg::Tape bad({.threads = -1}); }) ==
        "ValueError: threads must not be negative, got -1");
}

TEST_CASE("what is computed from ids as if they were numbers is an error or right, never garbage") {
  for (const bool views : {true, false}) {
    tg::Tape tape({.views = views});
    const tg::Tensor ids = tape.ids(std::vector<tg::Index>{3, 1, 2, 5, 4, 6}, {2, 3});
    struct Case {
      const char* name;
      std::function<tg::Tensor()> record;
      std::vector<double> expected;
    };
    const Case cases[] = {
        {"detach", [&] { return tg::detach(ids); }, {3, 1, 2, 5, 4, 6}},
        {"reshape",
         [&] {
           return tg::reshape(ids, {3, 2});
         },
         {3, 1, 2, 5, 4, 6}},
        {"slice", [&] { return tg::slice(ids, 1, 1, 3); }, {1, 2, 4, 6}},
        {"transpose", [&] { return tg::transpose(ids); }, {3, 5, 1, 4, 2, 6}},
        {"concatenate",
         [&] {
           return tg::concatenate({ids, ids}, 0);
         },
         {3, 1, 2, 5, 4, 6, 3, 1, 2, 5, 4, 6}},
        {"broadcast",
         [&] {
           return tg::broadcast_to(tg::slice(ids, 0, 0, 1), {2, 3});
         },
         {3, 1, 2, 3, 1, 2}},
        {"pad", [&] { return tg::pad(ids, 1, 0, 1); }, {3, 1, 2, 0, 5, 4, 6, 0}},
        {"take",
         [&] {
           return tg::take_along_axis(ids, tape.ids(std::vector<tg::Index>{2, 0}, {2, 1}));
         },
         {2, 5}},
        {"gather",
         [&] {
           return tg::gather_rows(ids, some_ids(tape, {1, 0}));
         },
         {5, 4, 6, 3, 1, 2}},
        {"tril", [&] { return tg::tril(ids); }, {3, 0, 0, 5, 4, 0}},
        {"sum", [&] { return tg::sum(ids); }, {21}},
        {"sum of rows", [&] { return tg::sum(ids, {0}); }, {8, 5, 8}},
        {"add_all",
         [&] {
           return tg::add_all(std::vector<tg::Tensor>{ids, ids});
         },
         {6, 2, 4, 10, 8, 12}},
        {"cumsum", [&] { return tg::cumsum(ids); }, {3, 4, 6, 5, 9, 15}},
        {"prod", [&] { return tg::prod(ids, 1); }, {6, 120}},
        {"max", [&] { return tg::max(ids); }, {3, 6}},
        {"argmax", [&] { return tg::argmax(ids); }, {0, 2}},
        {"argsort", [&] { return tg::argsort(ids); }, {1, 2, 0, 1, 0, 2}},
        {"add", [&] { return ids + ids; }, {6, 2, 4, 10, 8, 12}},
        {"softmax", [&] { return tg::softmax(ids); }, {}},
        {"log_softmax", [&] { return tg::log_softmax(ids); }, {}},
        {"logsumexp", [&] { return tg::logsumexp(ids); }, {}},
        {"norm", [&] { return tg::norm(ids); }, {}},
        {"mean_squared_error", [&] { return tg::mean_squared_error(ids, ids); }, {0}}};
    for (const Case& one : cases) {
      CAPTURE(std::string(one.name));
      CAPTURE(views);
      std::vector<double> found;
      const std::string error = thrown([&] { found = numbers_of(one.record()); });
      CAPTURE(error);
      CHECK((holds(error, "ShapeError") || (error == "nothing" && found == one.expected)));
    }
  }
}

TEST_CASE("a parameter that lies where another one lay is another one") {
  tg::Tape tape;
  std::optional<tg::Parameters> parameters;
  CHECK(tape(parameters.emplace().add("w", {2, 3}, graph_test::uniform())).shape() ==
        tg::Shape{2, 3});
  CHECK(tape(parameters.emplace().add("w", {5, 5}, graph_test::uniform())).shape() ==
        tg::Shape{5, 5});
}

TEST_CASE("a parameter that there is not is answered by the closest name") {
  tg::Parameters parameters;
  CHECK(thrown([&] { parameters.at("head/bias"); }) ==
        "ValueError: there is no parameter head/bias, nor any other");
  for (const char* name : {"encoder/weight", "encoder/bias", "head/weight", "head/bias"})
    parameters.add(name, {1}, graph_test::uniform());
  CHECK(thrown([&] { parameters.at("encodr/weight"); }) ==
        "ValueError: there is no parameter encodr/weight among 4; the closest name is "
        "encoder/weight");
  CHECK(graph_test::holds(thrown([&] { parameters.at("head/weigth"); }),
                          "the closest name is head/weight"));
}

TEST_CASE(
    "an operation without a kernel for the tape's type, and a rule for an input that there is not, "
    "are told") {
  tg::Operation single = graph_test::cube_operation;
  single.name = "single cube";
  single.elementwise_double = nullptr;
  tg::Tape wide({.dtype = tg::Dtype::float64});
  CHECK(graph_test::holds(
      thrown([&] { tg::record(single, wide.full({2}, 1.0)); }),
      "single cube: has no kernel for float64, the element type of the tape; at "));
  tg::Operation excessive = graph_test::cube_operation;
  excessive.name = "excessive cube";
  excessive.gradient = [](tg::GradientContext& context) { context.add(7, context.gradient()); };
  tg::Tape tape;
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("w", {2}, graph_test::uniform());
  CHECK(graph_test::holds(
      thrown([&] { tg::backward(tg::sum(tg::record(excessive, tape(weight)))); }),
      "the gradient rule of excessive cube gave a gradient for input 7 of 1; w at "));
}
