// Every public type of the engine through moves, self-moves, failures and misuse: usable
// afterwards, or an error that says why.
#include "custom_operations.h"
#include "graph_test_tools.h"

#include <limits>
#include <memory>
#include <optional>
#include <sstream>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/gradcheck.h>

namespace {

namespace tg = tapegrad;
using graph_test::holds;
using graph_test::numbers;
using graph_test::numbers_of;
using graph_test::some_ids;
using graph_test::thrown;
using graph_test::uniform;

template <class T>
void move_onto_itself(T& value) {
  T& same = value;
  value = std::move(same);
}

// What a tape has recorded, to see that a failure changed nothing.
struct Recorded {
  tg::NodeId nodes;
  std::size_t inputs;
  std::uint32_t leaves;
  bool operator==(const Recorded&) const = default;
};
Recorded recorded(tg::Tape& tape) {
  return {tape.structure().count(), tape.structure().inputs.size(), tape.leaves().size()};
}

}  // namespace

TEST_CASE(
    "an array that was moved from is empty, and can be read, printed, copied, moved and assigned") {
  for (const tg::Dtype dtype :
       {tg::Dtype::float32, tg::Dtype::float64, tg::Dtype::int32, tg::Dtype::int64}) {
    tg::Array array({2, 3}, dtype);
    const tg::Array copy = array;
    tg::Array taken = std::move(array);
    CHECK(taken == copy);
    CHECK(array.shape() == tg::Shape{0});
    CHECK(array.bytes() == 0);
    CHECK(array.to_string() == "[]");
    std::ostringstream out;
    out << array;
    CHECK(array == tg::Array(array));
    CHECK(array == tg::Array({0}, dtype));
    CHECK(array.to(tg::Dtype::float64).size() == 0);
    CHECK(array.reshaped({3, 0}).shape() == tg::Shape{3, 0});
    CHECK(holds(thrown([&] { (void)array.at(0); }),
                "ValueError: element 0 is outside of an array of 0"));
    CHECK(holds(thrown([&] { (void)array.reshaped({2}); }), "ShapeError"));
    tg::Array again = std::move(array);
    CHECK(again.size() == 0);
    array = copy;
    CHECK(array == copy);
    again = std::move(array);
    CHECK(again == copy);
    CHECK(array.size() == 0);
    move_onto_itself(again);
    CHECK(again == copy);
    tg::Tape tape;
    CHECK(tape.input(array).shape() == tg::Shape{0});
  }
}

TEST_CASE("arrays and shapes that do not fit anywhere are told before anything is made") {
  const tg::Index most = tg::Index{1} << 59;
  CHECK(tg::Shape{most}.size() == most);
  for (const tg::Shape& huge :
       {tg::Shape{most}, tg::Shape{most / 2, 2}, tg::Shape{1 << 20, 1 << 20, 1 << 19}}) {
    for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
      const std::string bytes =
          std::to_string(static_cast<std::uint64_t>(most) * tg::size_of(dtype));
      CHECK(thrown([&] { tg::Array(huge, dtype); }) ==
            "another error: there is no memory for " + bytes + " bytes");
      tg::Tape tape({.dtype = dtype});
      const tg::Tensor one = tape.full({1}, 1.0);
      const Recorded before = recorded(tape);
      CHECK_THROWS_AS(tape.full(huge, 1.0), tg::MemoryError);
      CHECK(recorded(tape) == before);
      const tg::Tensor wide = tg::broadcast_to(one, {tg::Index{1} << 40});
      CHECK_THROWS_AS(tape.evaluate(tg::exp(wide)), tg::MemoryError);
      CHECK(numbers_of(one + one) == std::vector<double>{2.0});
    }
  }
  CHECK(holds(thrown([&] {
                tg::Shape{most, 2};
              }),
              "ShapeError: [576460752303423488, 2] has too many elements"));
  CHECK(holds(thrown([&] {
                (void)tg::broadcast(tg::Shape{most, 1}, tg::Shape{2});
              }),
              "ShapeError"));
  CHECK(holds(thrown([&] { (void)tg::Shape({most}).with(0, most + 1); }), "ShapeError"));
  tg::Parameters parameters;
  CHECK_THROWS_AS(parameters.add("huge", {most}, uniform()), tg::MemoryError);
  CHECK(!parameters.contains("huge"));
  CHECK(parameters.size() == 0);
}

TEST_CASE("numbers that an array of integers cannot hold are told") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {nan, 1e19, -1e19, 0x1p63, std::numeric_limits<double>::infinity()}) {
    CAPTURE(bad);
    tg::Array ids({1}, tg::Dtype::int64);
    CHECK(holds(thrown([&] { ids.set(0, bad); }), "ValueError: "));
    CHECK(holds(
        thrown([&] { (void)tg::Array::full({1}, bad, tg::Dtype::float64).to(tg::Dtype::int64); }),
        "is not a number that int64 can hold"));
    CHECK(ids.at(0) == 0.0);
  }
  tg::Array narrow({1}, tg::Dtype::int32);
  CHECK(holds(thrown([&] { narrow.set(0, 0x1p31); }), "ValueError: "));
  narrow.set(0, -0x1p31);
  CHECK(narrow.at(0) == -0x1p31);
  CHECK(holds(
      thrown([&] { (void)tg::Array::full({1}, 0x1p40, tg::Dtype::int64).to(tg::Dtype::int32); }),
      "ValueError: "));
}

TEST_CASE("buffers, shapes, random streams and gradients can be used after a move") {
  tg::Buffer buffer(100);
  tg::Buffer taken = std::move(buffer);
  CHECK(buffer.capacity() == 0);
  buffer.reserve(10);
  CHECK(buffer.capacity() >= 10);
  const std::size_t capacity = taken.capacity();
  CHECK_THROWS_AS(taken.reserve(std::size_t{1} << 62), tg::MemoryError);
  CHECK(taken.capacity() == capacity);
  tg::Shape shape{2, 3};
  const tg::Shape other = std::move(shape);
  CHECK(shape == other);
  tg::Random random(3);
  random.bits();
  tg::Random moved = std::move(random);
  CHECK(random.bits() == moved.bits());
  CHECK(holds(thrown([&] { random.below(0); }),
              "ValueError: Random::below: the count must be positive, got 0"));

  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {2}, numbers({1, 2}));
  tg::Tape tape;
  tg::Gradients gradients = tg::backward(tg::sum(tape(weight)));
  gradients.scale(2.0);
  tg::Gradients held = std::move(gradients);
  CHECK(gradients.size() == 0);
  CHECK(gradients.norm() == 0.0);
  CHECK(!gradients.contains("weight"));
  CHECK(holds(thrown([&] { (void)gradients.at("weight"); }),
              "ValueError: the loss does not reach parameter weight"));
  gradients += held;
  CHECK(numbers_of(gradients.at(weight)) == std::vector<double>{2, 2});
  gradients += gradients;
  CHECK(numbers_of(gradients.at(weight)) == std::vector<double>{4, 4});
  move_onto_itself(held);
  held.clamp(0.5);
}

TEST_CASE("adding a parameter that fails adds nothing, and the name is free afterwards") {
  tg::Parameters parameters;
  parameters.add("first", {2}, numbers({1, 2}));
  const auto fails = [](tg::Array&, tg::Random&) { throw tg::ValueError("no numbers today"); };
  const auto reshapes = [](tg::Array& array, tg::Random&) { array = tg::Array({3}); };
  const auto retypes = [](tg::Array& array, tg::Random&) { array = array.to(tg::Dtype::float64); };
  CHECK(thrown([&] { parameters.add("second", {2}, fails); }) == "ValueError: no numbers today");
  CHECK(holds(thrown([&] { parameters.add("second", {2}, reshapes); }),
              "ShapeError: the initialiser of parameter second made"));
  CHECK(holds(thrown([&] { parameters.add("second", {2}, retypes); }),
              "ShapeError: the initialiser of parameter second made"));
  CHECK(holds(thrown([&] { parameters.add("second", {2}, {}); }),
              "ValueError: parameter second needs an initialiser"));
  CHECK(holds(thrown([&] { parameters.add("first", {2}, uniform()); }),
              "ValueError: parameter first exists already"));
  CHECK(parameters.size() == 1);
  CHECK(!parameters.contains("second"));
  CHECK(holds(thrown([&] { parameters.at("second"); }), "the closest name is first"));
  CHECK(parameters.add("second", {1}, numbers({7})).index() == 1);
}

TEST_CASE("a scope that was moved from is the scope that it was") {
  tg::Parameters parameters;
  tg::Scope scope = parameters.root() / "lstm";
  const tg::Scope moved = std::move(scope);
  CHECK(scope.path() == "lstm");
  CHECK(moved.path() == "lstm");
  scope.parameter("bias", {1}, uniform());
  CHECK(parameters.contains("lstm/bias"));
}

TEST_CASE("restoring a snapshot of other shapes changes no parameter") {
  tg::Parameters parameters;
  parameters.add("a", {2}, numbers({1, 2}));
  parameters.add("b", {2}, numbers({3, 4}));
  const tg::Parameters::Snapshot before = parameters.snapshot();
  const std::uint64_t version = parameters.at("a").version();
  tg::Parameters::Snapshot bad = {tg::Array::from({9.0F, 9.0F}, {2}), tg::Array({3})};
  CHECK(holds(thrown([&] { parameters.restore(bad); }),
              "ShapeError: parameter b has shape [2], got [3]"));
  CHECK(holds(thrown([&] { parameters.restore({}); }),
              "ShapeError: the snapshot holds 0 parameters, the model 2"));
  bad[1] = tg::Array(std::move(bad[0]));
  CHECK(holds(thrown([&] { parameters.restore(bad); }),
              "ShapeError: parameter a has shape [2], got [0]"));
  CHECK(parameters.snapshot() == before);
  CHECK(parameters.at("a").version() == version);
}

TEST_CASE(
    "an array of another shape that was put into a parameter is told by whoever uses the parameter "
    "next") {
  const tg::Array others[] = {tg::Array({3, 2}), tg::Array({2}),
                              tg::Array({2, 3}, tg::Dtype::float64), tg::Array({0})};
  for (const tg::Array& other : others) {
    tg::Parameters parameters;
    tg::Parameter& weight = parameters.add("weight", {2, 3}, uniform());
    tg::Tape tape;
    tg::Array& reference = weight.mutable_value();
    tape.clear();
    const tg::Tensor later = tg::sum(tape(weight));
    reference = other;
    const std::string expected =
        "ShapeError: parameter weight is [2, 3] of float32, but an array " +
        other.shape().to_string();
    CHECK(holds(thrown([&] { (void)weight.value(); }), expected));
    CHECK(holds(thrown([&] { (void)parameters.snapshot(); }), expected));
    CHECK(holds(thrown([&] { tg::backward(later); }), expected));
    tape.clear();
    CHECK(holds(thrown([&] { tape(weight); }), expected));
    CHECK(weight.shape() == tg::Shape{2, 3});
    weight.assign(tg::Array({2, 3}));
    CHECK(tg::sum(tape(weight)).item() == 0.0);
  }
}

TEST_CASE(
    "parameters that are gone are told by tapes and gradients, which can be used afterwards") {
  tg::Tape tape;
  tg::Gradients gradients;
  std::optional<tg::Parameters> parameters(std::in_place, 1);
  tg::Parameters others(2);
  const tg::Parameter& other = others.add("other", {2}, numbers({1, 2}));
  const tg::Parameter& weight = parameters->add("weight", {2}, numbers({1, 2}));
  gradients = tg::backward(tg::sum(tape(weight) * tape(other)));
  tape.clear();
  const int line = __LINE__ + 1;
  const tg::Tensor leaf = tape(weight);
  const tg::Tensor loss = tg::sum(leaf * tape(other));
  parameters.reset();
  const std::string gone =
      "TapeError: a parameter that this tape recorded is gone: its Parameters was destroyed; " +
      graph_test::at_line(__FILE__, line);
  CHECK(thrown([&] { tg::backward(loss); }) == gone);
  CHECK(thrown([&] { (void)loss.item(); }) == gone);
  CHECK(thrown([&] { (void)leaf.values(); }) == gone);
  CHECK(holds(thrown([&] { leaf + tape.full({3}, 1.0); }), "ShapeError: add: "));
  const std::string none = "ValueError: the gradients are of parameters that are gone";
  CHECK(holds(thrown([&] { (void)gradients.at("weight"); }), none));
  CHECK(holds(thrown([&] { (void)gradients.contains("weight"); }), none));
  CHECK(holds(thrown([&] { (void)gradients.at(other); }), none));
  CHECK(holds(thrown([&] { (void)gradients.without(others); }), none));
  CHECK(holds(thrown([&] { gradients += gradients; }), none));
  CHECK(gradients.norm() > 0.0);
  gradients = {};
  tape.clear();
  CHECK(numbers_of(tg::backward(tg::sum(tape(other))).at(other)) == std::vector<double>{1, 1});
  parameters.emplace(3);
  tg::Parameter& target = parameters->add("target", {2}, numbers({1, 2}));
  tape.clear();
  tape.assign_after_run(target, tape.full({2}, 1.0));
  parameters.reset();
  CHECK(thrown([&] { tg::backward(tg::sum(tape(other))); }) ==
        "TapeError: a parameter that this tape shall assign to is gone: its Parameters was "
        "destroyed");
}

TEST_CASE(
    "numbers that stand in for a parameter must have its shape, and never stand in for another one "
    "at its address") {
  std::optional<tg::Parameters> parameters(std::in_place);
  tg::Tape tape;
  const tg::Array wrong({3}), right = tg::Array::from({5.0F, 6.0F}, {2});
  const tg::Parameter* weight = &parameters->add("weight", {2}, numbers({1, 2}));
  CHECK(thrown([&] { tape.substitute(*weight, &wrong); }) ==
        "ShapeError: substitute: parameter weight has shape [2], got [3]");
  tape.substitute(*weight, &right);
  CHECK(numbers_of(tape(*weight)) == std::vector<double>{5, 6});
  tape.clear();
  parameters.reset();
  parameters.emplace();
  weight = &parameters->add("weight", {2}, numbers({1, 2}));
  CHECK(numbers_of(tape(*weight)) == std::vector<double>{1, 2});
}

TEST_CASE("recording, differentiation and checks that throw leave the tape as it was") {
  for (const bool eager : {false, true}) {
    CAPTURE(eager);
    tg::Parameters parameters;
    const tg::Parameter& weight = parameters.add("weight", {2, 3}, uniform());
    tg::Tape tape({.eager = eager, .check_finite = true});
    const tg::Tensor w = tape(weight), x = tape.full({2, 3}, 1.0), other = tape.full({5}, 1.0);
    const tg::Tensor ids = some_ids(tape, {0, 9});
    const tg::Tensor classes = some_ids(tape, {7, 0});
    const tg::Tensor total = tg::sum(tg::square(w));
    const tg::Tensor unreached = tape.full({}, 1.0);
    const std::vector<std::function<void()>> failures{
        [&] { x + other; },
        [&] {
          tg::concatenate({x, other}, 0);
        },
        [&] {
          tg::stack(std::vector<tg::Tensor>{x, other});
        },
        [&] { tg::gather_rows(w, ids); },
        [&] { tg::softmax_cross_entropy(x, classes); },
        [&] {
          tg::mean(x, {0, 7});
        },
        [&] { tg::variance(x, {0}, 5); },
        [&] { tg::max(x, 4); },
        [&] { tg::gradient(total, unreached); },
        [&] { tg::gradient(total, other); },
        [&] { tg::gradient(x, w); },
        [&] {
          tg::jacobian_vector_product(total, {&w, 1}, {&other, 1});
        },
        [&] {
          tg::hessian_vector_product(total, {&w, 1}, {&other, 1});
        },
        [&] { tape.input(std::vector<float>(3), {2}); },
        [&] { tape.ids(std::vector<tg::Index>(3), {2}); },
        [&] { tape.assign_after_run(parameters.at("weight"), other); }};
    for (std::size_t i = 0; i < failures.size(); ++i) {
      CAPTURE(i);
      const Recorded before = recorded(tape);
      CHECK(thrown(failures[i]) != "nothing");
      CHECK(recorded(tape) == before);
      CHECK(tape.assignments().empty());
    }
    if (eager) {
      const Recorded before = recorded(tape);
      const tg::Tensor zero = x - x;
      CHECK(recorded(tape).nodes == before.nodes + 1);
      CHECK(holds(thrown([&] { tg::log(zero); }), "ExecutionError: log: the result is not finite"));
      CHECK(recorded(tape).nodes == before.nodes + 1);
    }
    CHECK(tg::backward(total).contains("weight"));
    CHECK(tg::gradient(total, w).shape() == tg::Shape{2, 3});
  }
}

TEST_CASE("gradcheck refuses options and losses that make no sense") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {2}, uniform());
  tg::Tape elsewhere;
  const auto loss = [&](tg::Tape& tape) { return tg::sum(tape(weight)); };
  CHECK(tg::gradcheck(parameters, loss));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const tg::GradcheckOptions& options : {tg::GradcheckOptions{.step = 0.0},
                                              {.step = nan},
                                              {.tolerance = nan},
                                              {.tolerance = -1.0},
                                              {.coordinates = -1},
                                              {.directions = -1}})
    CHECK(holds(thrown([&] { tg::gradcheck(parameters, loss, options); }),
                "ValueError: gradcheck: the step must be positive"));
  CHECK(holds(thrown([&] { tg::gradcheck(parameters, {}); }),
              "ValueError: gradcheck: the loss is an empty function"));
  CHECK(
      holds(thrown([&] { tg::gradcheck(parameters, [&](tg::Tape&) { return loss(elsewhere); }); }),
            "TapeError: gradcheck: the tensor belongs to another tape"));
  CHECK(holds(thrown([&] { tg::gradcheck(parameters, [](tg::Tape&) { return tg::Tensor(); }); }),
              "TapeError: gradcheck: the tensor is empty"));
}
