// Several threads that read a table of which an optimizer owes rows.
#include "../process_memory.h"
#include "../sanitizers.h"
#include "optim_test_tools.h"

#include <atomic>
#include <thread>

#include <tapegrad/optim/split_work.h>

namespace {

using namespace optim_test;

}  // namespace

TEST_CASE("tapes in several threads may read a table at once, each the rows that it needs") {
  const Rule rule{"Adam", [] { return std::make_unique<Adam>(); }};
  Model model(rule, tg::Dtype::float32, 400, 8);
  Model quiet(rule, tg::Dtype::float32, 400, 8);
  Touches touches(40, 400, 8);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 5; ++i) {
      const HandMade gradient = touches.next();
      model.update(gradient);
      quiet.update(gradient);
    }
    const tg::Array& expected = quiet.table().value();
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> readers;
    for (std::size_t thread = 0; thread < wrong.size(); ++thread) {
      readers.emplace_back([&, thread] {
        tg::Tape tape({.threads = 1});
        tg::Random random(41, thread);
        for (int i = 0; i < 20; ++i) {
          tape.clear();
          const std::vector<tg::Index> ids{random.below(400), random.below(40), random.below(4)};
          const tg::Tensor rows =
              tg::gather_rows(tape(model.table()), graph_test::some_ids(tape, ids));
          const auto numbers = rows.values<float>();
          for (std::size_t n = 0; n < numbers.size(); ++n) {
            const tg::Index at = ids[n / 8] * 8 + static_cast<tg::Index>(n % 8);
            wrong[thread] += static_cast<double>(numbers[n]) == expected.at(at) ? 0 : 1;
          }
          if (i == 10 && thread == 0) model.table().value();
        }
      });
    }
    for (std::thread& reader : readers) reader.join();
    CHECK(wrong == std::vector<int>(4, 0));
  }
}

TEST_CASE("updates on several threads leave no memory behind, however many they are") {
  if (status_bytes("RssAnon") == 0.0) {
    MESSAGE("skipped: memory cannot be measured here");
    return;
  }
  double before = 0.0;
  for (int i = 0; i < 6000; ++i) {
    if (i == 1000) before = status_bytes("RssAnon");
    std::atomic<tg::Index> done{0};
    split_work(2, 1000, 100, [&](tg::Index begin, tg::Index end) { done += end - begin; });
    CHECK(done == 1000);
  }
  const double grown = status_bytes("RssAnon") - before;
  MESSAGE("5,000 loops on two threads: " << grown / 5000.0 << " bytes each");
  if (!freed_memory_is_kept) CHECK(grown < 5000.0 * 500.0);
}
