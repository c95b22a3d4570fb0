// What errors of recording say: the operation that the user called, and what is wrong with its
// inputs.
#include "graph_test_tools.h"

#include <functional>

namespace {

namespace tg = tapegrad;
using graph_test::holds;
using graph_test::some_ids;
using graph_test::thrown;
using graph_test::uniform;

}  // namespace

TEST_CASE("errors name the operation that was called, not one that it is made of") {
  tg::Tape tape;
  tg::Tape second;
  const tg::Tensor x = tape.full({2, 3}, 1.0), y = tape.full({4}, 1.0),
                   foreign = second.full({2, 3}, 1.0);
  const tg::Tensor ids = some_ids(tape, {0, 1});
  struct Case {
    const char* name;
    std::function<void()> call;
  };
  const std::vector<Case> cases{
      {"max", [&] { tg::max(x, 5); }},
      {"min", [&] { tg::min(x, 5); }},
      {"top_k", [&] { tg::top_k(x, 9); }},
      {"sort", [&] { tg::sort(ids); }},
      {"mean", [&] { tg::mean(x, {5}); }},
      {"mean", [&] { tg::mean(ids); }},
      {"variance", [&] { tg::variance(x, {5}); }},
      {"norm", [&] { tg::norm(x, {5}); }},
      {"norm", [&] { tg::norm(ids); }},
      {"dot", [&] { tg::dot(x, y); }},
      {"dot", [&] { tg::dot(x, foreign); }},
      {"outer", [&] { tg::outer(ids, y); }},
      {"stack",
       [&] {
         tg::stack(std::vector<tg::Tensor>{x, y});
       }},
      {"dropout", [&] { tg::dropout(x, 1.5); }},
      {"dropout", [&] { tg::dropout(ids, 0.5); }},
      {"logsumexp", [&] { tg::logsumexp(x, 5); }},
      {"softmax", [&] { tg::softmax(x, 5); }},
      {"log_softmax", [&] { tg::log_softmax(x, 5); }},
      {"bpr", [&] { tg::bpr(x, y); }},
      {"bpr", [&] { tg::bpr(x, foreign); }},
      {"huber", [&] { tg::huber(x, y); }},
      {"mean_squared_error", [&] { tg::mean_squared_error(x, y); }},
      {"binary_cross_entropy_with_logits", [&] { tg::binary_cross_entropy_with_logits(x, y); }},
      {"softmax_cross_entropy", [&] { tg::softmax_cross_entropy(x, y); }},
      {"linear_cross_entropy", [&] { tg::linear_cross_entropy(x, y, ids); }},
      {"split", [&] { tg::split(x, 2, 5); }},
      {"gather_rows", [&] { tg::gather_rows(y, x); }}};
  for (const Case& one : cases) {
    CAPTURE(std::string(one.name));
    const std::string message = thrown(one.call);
    CHECK(holds(message, std::string("Error: ") + one.name + ": "));
  }
  // The name ends with the call.
  CHECK(holds(thrown([&] { tg::argmax(x, 5); }), "Error: argmax: "));
  CHECK(holds(thrown([&] { x + y; }), "Error: add: "));
}

TEST_CASE(
    "ids out of range are a ValueError that names operation, id and line, when they are recorded "
    "and when they run") {
  tg::Tape tape;
  const tg::Tensor table = tape.full({3, 2}, 1.0);
  const tg::Tensor computed = tg::argmax(tape.input(std::vector<float>{0, 0, 0, 1}, {4}));
  CHECK(holds(thrown([&] { tg::gather_rows(table, some_ids(tape, {3})); }),
              "ValueError: gather_rows: id 3 is outside of 3 rows"));
  CHECK(holds(
      thrown([&] { (void)tg::gather_rows(table, tg::reshape(computed, tg::Shape{1})).values(); }),
      "ValueError: gather_rows: id 3 is outside of 3 rows; inputs [3, 2], [1], output [1, 2]; "
      "at "));
  CHECK(holds(thrown([&] { (void)tg::one_hot(computed, 3).values(); }),
              "ValueError: one_hot: id 3 is outside of 3 classes"));
}

TEST_CASE(
    "more ids than a row-sparse gradient can number are told when it is planned, before memory is "
    "taken") {
  tg::Parameters parameters;
  const tg::Parameter& table = parameters.add("table", {3, 1}, uniform());
  tg::Tape tape;
  const tg::Index most = tg::Index{1} << 28;
  const tg::Tensor ids = tg::argmax(tg::broadcast_to(tape.full({1, 1}, 1.0), {most + 1, 1}));
  CHECK(holds(thrown([&] { tg::backward(tg::sum(tg::gather_rows(tape(table), ids))); }),
              "ValueError: scatter_add_rows: a row-sparse gradient takes at most 268435456 ids"));
}
