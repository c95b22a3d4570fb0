#include "graph_test_tools.h"

#include <cstdint>
#include <sstream>

#include <tapegrad/graph/buffer.h>

namespace {

namespace tg = tapegrad;
using graph_test::thrown;

}  // namespace

TEST_CASE("an array prints its numbers in nested brackets") {
  struct Case {
    tg::Array array;
    const char* text;
  };
  std::vector<float> many(20);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<float>(i);
  const Case cases[] = {
      {tg::Array(), "0"},
      {tg::Array::full({}, 2.5), "2.5"},
      {tg::Array::from({1.0F, 2.0F, 3.0F}, {3}), "[1, 2, 3]"},
      {tg::Array::from<std::int64_t>({1, -2, 3, 4}, {2, 2}), "[[1, -2],\n [3, 4]]"},
      {tg::Array(tg::Shape{0}), "[]"},
      {tg::Array(tg::Shape{2, 0}), "[[],\n []]"},
      {tg::Array::from(std::span<const float>(many), {20}), "[0, 1, 2, ..., 17, 18, 19]"}};
  for (const Case& one : cases) {
    CHECK(one.array.to_string() == one.text);
    std::ostringstream out;
    out << one.array;
    CHECK(out.str() == one.text);
  }
}

TEST_CASE("an array converts between element types, and keeps integers that a double holds") {
  const tg::Array source = tg::Array::from({-1.75, 0.0, 3.25}, {3});
  CHECK(graph_test::numbers_of(source.to(tg::Dtype::float32)) ==
        std::vector<double>{-1.75, 0.0, 3.25});
  CHECK(graph_test::numbers_of(source.to(tg::Dtype::int64)) == std::vector<double>{-1, 0, 3});
  const tg::Array wide = tg::Array::from<std::int64_t>({std::int64_t{1} << 52, -7}, {2});
  CHECK(wide.to(tg::Dtype::float64).to(tg::Dtype::int64) == wide);
  CHECK(wide.to(tg::Dtype::int64) == wide);
  CHECK(source.dtype() == tg::Dtype::float64);
}

TEST_CASE("arrays are aligned, deep copies, and check what is asked of them") {
  for (const tg::Index size : {0, 1, 3, 1000}) {
    CHECK(reinterpret_cast<std::uintptr_t>(tg::Array(tg::Shape{size}).data()) % 64 == 0);
  }
  tg::Array first = tg::Array::from({1.0F, 2.0F}, {2});
  tg::Array second = first;
  second.set(0, 9);
  CHECK(first.at(0) == 1);
  CHECK(second.at(0) == 9);
  CHECK(first != second);
  CHECK(first.reshaped({1, 2}).shape() == tg::Shape{1, 2});
  CHECK(thrown([&] { (void)first.reshaped({3}); }) ==
        "ShapeError: an array of shape [2] cannot take shape [3]");
  CHECK(thrown([&] { (void)first.at(2); }) == "ValueError: element 2 is outside of an array of 2");
  CHECK(thrown([&] { first.set(-1, 0); }) == "ValueError: element -1 is outside of an array of 2");
  CHECK(thrown([&] { (void)first.values<double>(); }) ==
        "ShapeError: the array holds float32, asked for float64");
  CHECK(thrown([&] { (void)tg::Array::from({1.0F}, {2}); }) ==
        "ShapeError: an array of shape [2] takes 2 values, got 1");
}

TEST_CASE("an array that was moved from can be given new numbers") {
  tg::Array source = tg::Array::from({1.0F, 2.0F}, {2});
  const tg::Array target = std::move(source);
  CHECK(target.at(1) == 2);
  source = target;  // NOLINT: that is the test
  CHECK(source == target);
}

TEST_CASE("a buffer grows, keeps its bytes, and is empty once moved from") {
  tg::Buffer buffer(3);
  buffer.data()[2] = std::byte{7};
  buffer.reserve(100000);
  CHECK(buffer.data()[2] == std::byte{7});
  CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % tg::Buffer::alignment == 0);
  const std::byte* const place = buffer.data();
  const tg::Buffer moved = std::move(buffer);
  CHECK(moved.data() == place);
  CHECK(buffer.capacity() == 0);  // NOLINT: that is the test
  buffer.reserve(10);
  CHECK(buffer.data() != nullptr);
}
