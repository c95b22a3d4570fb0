// What a tape keeps from recording to recording is bounded, however many different ones it sees.
#include "graph_test_tools.h"

#include <malloc.h>

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;

std::size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A recording like no other: its slices, shapes and layer paths are those of step `number`.
double record_another(tg::Tape& tape, const tg::Parameter& weight, tg::Index number, int width,
                      bool runs) {
  tape.clear();
  const std::vector<float> values(static_cast<std::size_t>(number % 9000 + 2 * width), 1.0F);
  const tg::LayerScope scope(tape, "layer" + std::to_string(number));
  const tg::Tensor x =
      tape.input(std::span<const float>(values), {static_cast<tg::Index>(values.size())});
  tg::Tensor sum = tape(weight);
  for (int i = 0; i < width; ++i) {
    const tg::LayerScope inner(tape, "inner" + std::to_string(number * width + i));
    const tg::Index begin = number * width + i;
    sum = sum + tg::sum(tg::slice(x, 0, begin % static_cast<tg::Index>(values.size() - 1), -1));
  }
  const tg::Gradients gradients = runs ? tg::backward(sum) : tg::Gradients();
  return runs ? sum.item() : 0.0;
}

}  // namespace

TEST_CASE(
    "types, attributes, layer paths and memory of a tape stay bounded over ever-different "
    "recordings") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {}, graph_test::uniform());
  tg::Tape tape({.plan_cache_bytes = 1 << 20});
  const tg::LayerScope outer(tape, "model");
  std::size_t most_types = 0, most_attributes = 0, heap = 0;
  int resets = 0;
  std::size_t before = 0;
  constexpr int width = 64, steps = 4000;
  for (int step = 0; step < steps; ++step) {
    record_another(tape, weight, step, width, step % 40 == 0);
    most_types = std::max(most_types, tape.types().size());
    most_attributes = std::max(most_attributes, tape.types().attributes_size());
    resets += tape.types().attributes_size() < before ? 1 : 0;
    before = tape.types().attributes_size();
    CHECK(tape.path_of(0).starts_with("layer"));
    if (step == steps / 2) heap = heap_in_use();
  }
  CHECK(resets >= 2);
  CHECK(most_types <= tg::TypeTable::most_entries + 4 * width);
  CHECK(most_attributes <= tg::TypeTable::most_entries + 4 * width);
  CHECK(heap_in_use() <= heap + (8 << 20));
}

TEST_CASE(
    "a tape that forgot its types, attributes and paths gives the numbers and paths of a new one") {
  tg::Parameters parameters;
  const tg::Parameter& weight = parameters.add("weight", {}, graph_test::uniform());
  tg::Tape old;
  const tg::LayerScope outer(old, "model");
  {
    const tg::LayerScope nested(old, "nested");
    for (int step = 0; step < 3000; ++step) {
      record_another(old, weight, step, 64, step % 100 == 0);
      if (step % 500 != 0) continue;
      tg::Tape fresh;
      CHECK(record_another(fresh, weight, step, 64, true) ==
            record_another(old, weight, step, 64, true));
    }
    CHECK(old.path_of(old.full({}, 1.0).node()) == "nested");
  }
  CHECK(old.path_of(old.full({}, 1.0).node()) == "model");
}

TEST_CASE("a profile keeps the times of the latest runs only") {
  tg::Tape tape({.threads = 1, .profile = true});
  std::size_t most = 0;
  for (int step = 0; step < 1200; ++step) {
    tape.clear();
    tg::Tensor x = tape.constant(1.0);
    for (int i = 0; i < 1000; ++i) x = tg::tanh(x);
    x.item();
    most = std::max(most, tape.runner().times().size());
    CHECK(tape.runner().recording_times().size() == 1000);
  }
  CHECK(most > tg::Runner::most_times);
  CHECK(most <= tg::Runner::most_times + 1000);
  CHECK(tape.runner().times().size() < most);
}

TEST_CASE("the memory of results that were held once is given back") {
  tg::Tape tape({.plan_cache = false});
  const auto run = [&] {
    tape.clear();
    const tg::Tensor x = tape.full({1000}, 1.0);
    const tg::Tensor y = tg::exp(x);
    y.values();
    return y;
  };
  for (int i = 0; i < 100; ++i) run();
  const std::size_t heap = heap_in_use();
  if (heap == 0) {
    MESSAGE("skipped: a sanitizer's heap cannot be measured");
    return;
  }
  tape.clear();
  const tg::Tensor x = tape.full({1000}, 1.0);
  for (int i = 0; i < 1000; ++i) tg::exp(x + static_cast<double>(i)).values();
  CHECK(heap_in_use() > heap + 3'000'000);
  for (int i = 0; i < 200; ++i) run();
  CHECK(heap_in_use() <= heap + 1'000'000);
}
