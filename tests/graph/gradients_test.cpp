// Row-sparse and dense gradients, and what Gradients can do.
#include "graph_test_tools.h"

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;
using graph_test::numbers;
using graph_test::numbers_of;
using graph_test::some_ids;
using graph_test::thrown;
using Rows = std::vector<tg::Index>;

struct Model {
  tg::Parameters parameters{5};
  tg::Parameter& table = parameters.add("table", {6, 2}, graph_test::uniform());
  tg::Parameter& weight = parameters.add("weight", {2}, numbers({1, 2}));
};

const tg::GradientEntry& entry(const tg::Gradients& gradients, const std::string& name) {
  for (const tg::GradientEntry& one : gradients) {
    if (one.parameter->name() == name) return one;
  }
  throw std::runtime_error("no entry " + name);
}

// The gradient of Σ over gathers k of Σ (k + 1)·row, dense.
std::vector<double> expected_table(const std::vector<Rows>& gathers) {
  std::vector<double> dense(12);
  for (std::size_t k = 0; k < gathers.size(); ++k) {
    for (const tg::Index id : gathers[k]) {
      for (std::size_t c = 0; c < 2; ++c)
        dense[static_cast<std::size_t>(id) * 2 + c] += static_cast<double>(k + 1);
    }
  }
  return dense;
}

}  // namespace

TEST_CASE(
    "the gradient of a table that is only gathered from has the rows that were read, once each, "
    "ascending") {
  struct Case {
    const char* name;
    std::vector<Rows> gathers;
    Rows rows;
  };
  const Case cases[] = {{"one", {{4, 1}}, {1, 4}},
                        {"duplicates", {{3, 3, 0, 3}}, {0, 3}},
                        {"nothing", {{}}, {}},
                        {"several of one length", {{0, 1}, {1, 2}, {5, 0}}, {0, 1, 2, 5}},
                        {"several of other lengths", {{0}, {1, 2, 0}, {5, 1}, {}}, {0, 1, 2, 5}},
                        {"a short one first", {{2}, {0, 1, 2, 3, 4, 5}}, {0, 1, 2, 3, 4, 5}}};
  for (const Case& one : cases) {
    CAPTURE(std::string(one.name));
    for (const bool sliced : {false, true}) {  // ids that are slices of one list lie side by side
      CAPTURE(sliced);
      Model model;
      tg::Tape tape;
      Rows all;
      for (const Rows& rows : one.gathers) all.insert(all.end(), rows.begin(), rows.end());
      const tg::Tensor list = some_ids(tape, all);
      std::vector<tg::Tensor> sums;
      tg::Index at = 0;
      for (std::size_t k = 0; k < one.gathers.size(); ++k) {
        const auto count = static_cast<tg::Index>(one.gathers[k].size());
        const tg::Tensor ids =
            sliced ? tg::slice(list, 0, at, at + count) : some_ids(tape, one.gathers[k]);
        sums.push_back(tg::sum(tg::gather_rows(tape(model.table), ids)) *
                       static_cast<double>(k + 1));
        at += count;
      }
      const tg::Gradients gradients = tg::backward(tg::add_all(sums));
      const tg::GradientEntry& found = entry(gradients, "table");
      CHECK(found.sparse);
      CHECK(Rows(found.rows.begin(), found.rows.end()) == one.rows);
      CHECK(found.count == static_cast<tg::Index>(one.rows.size()) * 2);
      CHECK(numbers_of(gradients.at(model.table)) == expected_table(one.gathers));
    }
  }
}

TEST_CASE("ids of any shape and order make the same sparse gradient, merged or not") {
  Model model;
  for (const bool merging : {true, false}) {
    tg::Tape tape({.merging = merging});
    const tg::Tensor square = tape.ids(Rows{0, 1, 2, 1}, {2, 2});
    const tg::Tensor loss = tg::sum(tg::gather_rows(tape(model.table), square)) +
                            tg::sum(tg::gather_rows(tape(model.table), some_ids(tape, {1, 5, 5})));
    const tg::Gradients gradients = tg::backward(loss);
    CHECK(numbers_of(gradients.at("table")) ==
          std::vector<double>{1, 1, 3, 3, 1, 1, 0, 0, 0, 0, 2, 2});
    CHECK(entry(gradients, "table").sparse == merging);
  }
}

TEST_CASE(
    "a tied weight, a regularised table and a table asked for elsewhere have dense gradients") {
  Model model;
  for (int kind = 0; kind < 3; ++kind) {
    CAPTURE(kind);
    tg::Tape tape;
    const tg::Tensor table = tape(model.table);
    const tg::Tensor rows = tg::gather_rows(table, some_ids(tape, {2, 0, 2}));
    const tg::Tensor other = kind == 0
                                 ? tg::sum(tg::matmul(tape(model.weight), table, {.right = true}))
                             : kind == 1 ? tg::sum(tg::square(table)) * 0.5
                                         : tg::sum(tg::slice(table, 0, 1, 3)) * 3.0;
    const tg::Gradients gradients = tg::backward(tg::sum(rows) + other);
    CHECK(!entry(gradients, "table").sparse);
    const auto found = numbers_of(gradients.at("table"));
    const auto values = numbers_of(model.table.value());
    for (std::size_t i = 0; i < 12; ++i) {
      const std::size_t row = i / 2;
      const double gathered = row == 2 ? 2.0 : row == 0 ? 1.0 : 0.0;
      const double rest = kind == 0              ? 1.0 + static_cast<double>(i % 2)
                          : kind == 1            ? values[i]
                          : row == 1 || row == 2 ? 3.0
                                                 : 0.0;
      CHECK(found[i] == doctest::Approx(gathered + rest));
    }
  }
}

TEST_CASE("gradients add up, scale and have a norm, sparse and dense alike") {
  Model model;
  tg::Tape tape;
  const auto of = [&](const Rows& ids, double scale, bool tied) {
    tape.clear();
    const tg::Tensor table = tape(model.table);
    tg::Tensor loss = tg::sum(tg::gather_rows(table, some_ids(tape, ids))) * scale;
    if (tied) loss = loss + tg::sum(table);
    return tg::backward(loss);
  };
  for (const bool left_dense : {false, true}) {
    for (const bool right_dense : {false, true}) {
      CAPTURE(left_dense);
      CAPTURE(right_dense);
      tg::Gradients sum = of({0, 2}, 1, left_dense);
      tg::Gradients right = of({2, 5}, 10, right_dense);
      const auto first = numbers_of(sum.at("table"));
      const auto second = numbers_of(right.at("table"));
      sum.scale(2.0);
      right.scale(0.5);
      right.scale(3.0);
      CHECK(right.factor() == 1.5);
      sum += right;
      CHECK(entry(sum, "table").sparse == (!left_dense && !right_dense));
      const auto found = numbers_of(sum.at(model.table));
      double squares = 0;
      for (std::size_t i = 0; i < 12; ++i) {
        CHECK(found[i] == 2 * first[i] + 1.5 * second[i]);
        squares += found[i] * found[i];
      }
      CHECK(sum.norm() == doctest::Approx(std::sqrt(squares)));
      sum.scale(-2.0);
      CHECK(sum.norm() == doctest::Approx(2 * std::sqrt(squares)));
      sum += sum;
      CHECK(numbers_of(sum.at("table"))[4] == -4 * found[4]);
    }
  }
  tg::Gradients nothing;
  CHECK(nothing.norm() == 0);
  CHECK(nothing.size() == 0);
  CHECK(numbers_of(nothing.at_or_zero(model.weight)) == std::vector<double>{0, 0});
  CHECK(graph_test::holds(thrown([&] { (void)nothing.at("table"); }),
                          "does not reach parameter table"));
  nothing += of({1}, 1, false);
  CHECK(numbers_of(nothing.at("table")) == expected_table({{1}}));
  nothing += tg::Gradients();
  CHECK(numbers_of(nothing.at("table")) == expected_table({{1}}));
}

TEST_CASE("gradients of parameters that are in one set only are kept") {
  Model model;
  tg::Tape tape;
  tg::Gradients sum = tg::backward(tg::sum(tape(model.weight)) * 3.0);
  tape.clear();
  sum += tg::backward(tg::sum(tg::gather_rows(tape(model.table), some_ids(tape, {1}))));
  CHECK(sum.size() == 2);
  CHECK(numbers_of(sum.at("weight")) == std::vector<double>{3, 3});
  CHECK(entry(sum, "table").sparse);
  CHECK(numbers_of(sum.at("table")) == expected_table({{1}}));
}

TEST_CASE("two models with the same names on one tape have gradients of their own") {
  Model one, two;
  tg::Tape tape;
  tg::Gradients gradients =
      tg::backward(tg::sum(tape(one.weight)) + tg::sum(tape(two.weight)) * 5.0);
  CHECK(numbers_of(gradients.at(one.weight)) == std::vector<double>{1, 1});
  CHECK(numbers_of(gradients.at(two.weight)) == std::vector<double>{5, 5});
  CHECK(numbers_of(gradients.at_or_zero(two.weight)) == std::vector<double>{5, 5});
  gradients += gradients;
  CHECK(gradients.size() == 2);
  CHECK(numbers_of(gradients.at(one.weight)) == std::vector<double>{2, 2});
  CHECK(numbers_of(gradients.at(two.weight)) == std::vector<double>{10, 10});
}

TEST_CASE("gradients of a float tape and of a double tape do not add") {
  Model model;
  tg::Tape single, wide({.dtype = tg::Dtype::float64});
  tg::Gradients sum = tg::backward(tg::sum(single(model.weight)));
  const tg::Gradients other = tg::backward(tg::sum(wide(model.weight)));
  CHECK(thrown([&] { sum += other; }) ==
        "ValueError: gradients of weight are float32 and float64: they do not add");
  CHECK(numbers_of(sum.at("weight")) == std::vector<double>{1, 1});
}

TEST_CASE("gradients outlive clear, later backward passes and the tape") {
  Model model;
  std::vector<tg::Gradients> all;
  {
    tg::Tape tape;
    for (int step = 0; step < 5; ++step) {
      tape.clear();
      const tg::Tensor loss =
          tg::sum(tape(model.weight)) * static_cast<double>(step) +
          tg::sum(tg::gather_rows(tape(model.table), some_ids(tape, {step, 5})));
      all.push_back(tg::backward(loss));
    }
    CHECK(tape.runner().misses() == 1);
  }
  for (int step = 0; step < 5; ++step) {
    const tg::Gradients& one = all[static_cast<std::size_t>(step)];
    CHECK(numbers_of(one.at("weight")) == std::vector<double>{1.0 * step, 1.0 * step});
    CHECK(numbers_of(one.at("table")) == expected_table({{step, 5}}));
  }
  tg::Tape tape;
  const void* place = nullptr;
  for (int step = 0; step < 4; ++step) {  // a block that nobody holds is used again
    tape.clear();
    const tg::Gradients gradients = tg::backward(tg::sum(tape(model.weight)));
    if (step > 1) CHECK(gradients.begin()->values == place);
    place = gradients.begin()->values;
  }
}
