#include "graph_test_tools.h"

namespace {

namespace tg = tapegrad;
using graph_test::thrown;

}  // namespace

TEST_CASE("a shape is also a matrix of rows and columns") {
  struct Case {
    tg::Shape shape;
    int rank;
    tg::Index size, rows, columns;
    const char* text;
  };
  const Case cases[] = {{{}, 0, 1, 1, 1, "[]"},
                        {{5}, 1, 5, 1, 5, "[5]"},
                        {{2, 3}, 2, 6, 2, 3, "[2, 3]"},
                        {{2, 3, 4}, 3, 24, 6, 4, "[2, 3, 4]"},
                        {{0, 3}, 2, 0, 0, 3, "[0, 3]"},
                        {{3, 0}, 2, 0, 3, 0, "[3, 0]"},
                        {{1, 1, 1, 1, 1, 1, 1, 2}, 8, 2, 1, 2, "[1, 1, 1, 1, 1, 1, 1, 2]"}};
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(one.shape.rank() == one.rank);
    CHECK(one.shape.size() == one.size);
    CHECK(one.shape.rows() == one.rows);
    CHECK(one.shape.columns() == one.columns);
    CHECK(one.shape.to_string() == one.text);
  }
}

TEST_CASE("axes count from both ends, and outside of the rank they are an error") {
  const tg::Shape shape{2, 3, 4};
  CHECK(shape[0] == 2);
  CHECK(shape[-1] == 4);
  CHECK(shape[-3] == 2);
  CHECK(shape.normalised(-2) == 1);
  CHECK(thrown([&] { (void)shape[3]; }) ==
        "ShapeError: axis 3 is outside of [2, 3, 4], which has 3 axes");
  CHECK(thrown([&] { (void)shape[-4]; }) ==
        "ShapeError: axis -4 is outside of [2, 3, 4], which has 3 axes");
  CHECK(shape.with(-1, 7) == tg::Shape{2, 3, 7});
  CHECK(shape.without(1) == tg::Shape{2, 4});
  CHECK(shape.product(1, 3) == 12);
}

TEST_CASE("impossible shapes are errors") {
  CHECK(thrown([] {
          tg::Shape{2, -1};
        }) == "ShapeError: an extent must not be negative, got [2, -1]");
  CHECK(thrown([] { tg::Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }) ==
        "ShapeError: a shape has at most 8 extents, got 9");
  const tg::Index large = tg::Index{1} << 40;
  for (const tg::Shape& possible :
       {tg::Shape{tg::Shape::max_size}, tg::Shape{large, 1 << 19}, tg::Shape{0, large, 1 << 19}}) {
    const auto bytes = static_cast<std::uint64_t>(possible.size()) * sizeof(double);
    CHECK(bytes / sizeof(double) == static_cast<std::uint64_t>(possible.size()));
  }
  constexpr tg::Index greatest = std::numeric_limits<tg::Index>::max();
  const std::vector<std::vector<tg::Index>> impossible{
      {tg::Shape::max_size + 1}, {greatest},         {large, 1 << 20}, {large, large},
      {greatest, greatest},      {0, large, 1 << 20}};
  for (const auto& extents : impossible)
    CHECK(graph_test::holds(thrown([&] { tg::Shape{std::span<const tg::Index>(extents)}; }),
                            "has too many elements"));
}

TEST_CASE("values that no memory holds are an error of the plan, not sizes that wrap") {
  tg::Tape tape;
  const tg::Index rows = tg::Index{1} << 40;
  // Each of these is a shape; the bytes of all of them are 2^64 and more.
  tg::Tensor sum;
  for (int i = 0; i < 8; ++i) {
    const tg::Tensor wide = tg::exp(tape.input(std::vector<float>{static_cast<float>(i)}, {1, 1}) +
                                    tape.full({1, 1}, 1.0));
    const tg::Tensor large = tg::exp(tg::broadcast_to(wide, {rows, tg::Index{1} << 19}));
    const tg::Tensor own = tg::sum(large * large);
    sum = i == 0 ? own : sum + own;
  }
  CHECK(graph_test::holds(thrown([&] { (void)sum.item(); }),
                          "the values of this run need more than 17592186044416 bytes"));
}

TEST_CASE("shapes broadcast as in NumPy") {
  struct Case {
    tg::Shape left, right;
    const char* result;
  };
  const Case cases[] = {
      {{2, 3}, {3}, "[2, 3]"}, {{2, 1}, {1, 3}, "[2, 3]"}, {{}, {4, 1}, "[4, 1]"},
      {{1}, {0, 3}, "[0, 3]"}, {{2}, {3}, "none"},         {{2, 3}, {2}, "none"},
      {{0}, {2}, "none"},      {{1, 3}, {3}, "[1, 3]"},    {{5, 1, 4}, {2, 1}, "[5, 2, 4]"}};
  for (const Case& one : cases) {
    CAPTURE(one.left.to_string());
    CAPTURE(one.right.to_string());
    for (const auto& shape :
         {tg::broadcast(one.left, one.right), tg::broadcast(one.right, one.left)}) {
      CHECK((shape ? shape->to_string() : "none") == one.result);
    }
  }
}

TEST_CASE(
    "a broadcast input lies beside the output as a row, a column, a scalar, in full, or needs a "
    "copy") {
  struct Case {
    tg::Shape input, output;
    tg::Broadcast kind;
  };
  const Case cases[] = {
      {{2, 3}, {2, 3}, tg::Broadcast::full},     {{3}, {1, 3}, tg::Broadcast::full},
      {{3}, {2, 3}, tg::Broadcast::row},         {{1, 1, 3}, {4, 2, 3}, tg::Broadcast::row},
      {{2, 1}, {2, 3}, tg::Broadcast::column},   {{4, 2, 1}, {4, 2, 3}, tg::Broadcast::column},
      {{}, {2, 3}, tg::Broadcast::scalar},       {{1, 1}, {2, 3}, tg::Broadcast::scalar},
      {{2, 3}, {4, 2, 3}, tg::Broadcast::other}, {{4, 1, 3}, {4, 2, 3}, tg::Broadcast::other},
      {{2, 1}, {4, 2, 3}, tg::Broadcast::other}};
  for (const Case& one : cases) {
    CAPTURE(one.input.to_string());
    CAPTURE(one.output.to_string());
    CHECK(tg::broadcast_kind(one.input, one.output) == one.kind);
  }
}
