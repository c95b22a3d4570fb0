// What is shown of a running work.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <tapegrad/apps/training/progress.h>
#include <tapegrad/apps/training/run_identity.h>

namespace {

using namespace tapegrad::apps;

int columns_of(const std::string& text) {
  return static_cast<int>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace

TEST_CASE(
    "a progress bar fits the terminal, whatever its width, its name and what is said beside it") {
  const std::vector<std::string> notes{"loss 0.1234  123456 samples/s", "3600 s left"};
  for (const std::string name : {"", "epoch 1 of 20", "choosing, epoch 100 of 100",
                                 "reading /a/very/long/Straße/für/große/Tabellen.csv.gz"}) {
    for (int width = 0; width <= 200; ++width) {
      for (const double part : {-1.0, 0.0, 0.3, 1.0, 2.0}) {
        CAPTURE(name);
        CAPTURE(width);
        const std::string line = progress_line(name, part, notes, width);
        CHECK(columns_of(line) <= std::max(0, width - 1));
        CHECK(line.find('\n') == std::string::npos);
      }
    }
  }
  CHECK(
      progress_line("epoch 2", 0.5, notes, 100) ==
      "epoch 2 [###############...............]  50 %  loss 0.1234  123456 samples/s  3600 s left");
  CHECK(progress_line("epoch 2", 0.5, notes, 64) ==
        "epoch 2 [########........]  50 %  loss 0.1234  123456 samples/s");
  CHECK(progress_line("epoch 2", 0.5, notes, 14) == "epoch 2  50 %");
}

TEST_CASE("what differs between two runs is named as its option is") {
  const std::string run = "model gru; width 8; seed 1; data 01ab";
  CHECK(difference_of_runs(run, run).empty());
  CHECK(difference_of_runs(run, "model gru; width 16; seed 2; data 01ab") ==
        "width 8 here and 16 there, seed 1 here and 2 there");
  CHECK(difference_of_runs(run, "model gru; width 8; seed 1; steps 4; data 01ab") ==
        "steps nothing here and 4 there");
  CHECK(difference_of_runs(run + ", choosing", run + ", on everything, epochs 3") ==
        "part choosing here and on everything, epochs 3 there");
  CHECK(difference_of_runs(run, "") ==
        "model gru here and nothing there, width 8 here and nothing there, seed 1 here and nothing "
        "there, data 01ab here and "
        "nothing there");
}
