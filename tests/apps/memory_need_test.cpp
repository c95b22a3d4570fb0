// What a training needs is told, and what cannot fit is refused before it begins.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <tapegrad/apps/training/memory_need.h>

#include "program_tools.h"
#include "small_models.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

TEST_CASE("the numbers of each network are those of its parameters") {
  const std::vector<std::int32_t> users{0, 0, 1, 2, 3}, items{0, 2, 4, 6, 1};
  const auto pairs = std::make_shared<const UserItems>(50, 70, users, items);
  for (const ModelRow& row : model_rows()) {
    CAPTURE(row.name);
    ModelInputs inputs{.pairs = pairs, .targets = pairs};
    ModelShape shape{.users = 50, .items = 70, .events = 5};
    if (row.features != FeatureUse::none) {
      inputs.user_features = small_features(50);
      inputs.item_features = small_features(70);
      shape.user_features = inputs.user_features->vocabulary();
      shape.item_features = inputs.item_features->vocabulary();
    }
    const ModelSettings settings = small_settings(row);
    const double told = row.numbers(settings, shape);
    CHECK(told > 0.0);
    if (!row.is_neural()) continue;
    double counted = 0.0;
    const auto model = small_model(row, settings, inputs);
    for (const tapegrad::Parameter& parameter :
         dynamic_cast<const NeuralModel&>(*model).parameters())
      counted += static_cast<double>(parameter.value().size());
    // All but the layers, whose sizes do not grow with the data.
    CHECK(told <= counted * 1.2);
    CHECK(counted - told < 0.25 * counted + 400.0);
  }
}

TEST_CASE("a training that does not fit is refused with what would") {
  const TestFiles folder;
  const auto data = folder.path("events.csv");
  std::string text = "user,item\n";
  for (int user = 0; user < 300; ++user)
    for (int k = 0; k < 4; ++k)
      text +=
          "u" + std::to_string(user) + ",i" + std::to_string((user * 37 + k * 101) % 2000) + "\n";
  write(data, text);
  const std::string source = " --epochs 1 --baselines none --data " + shell_quoted(data);
  const Outcome fits =
      run_program(TAPEGRAD_RECOMMEND, "train --model mf --factors 8 --memory 1" + source);
  CHECK_MESSAGE(fits.code == 0, fits.text);
  CHECK(fits.text.find("mf: needs about 0.0") != std::string::npos);
  const Outcome wide =
      run_program(TAPEGRAD_RECOMMEND, "train --model mf --factors 4000 --memory 0.1" + source);
  CHECK(wide.code == 2);
  CHECK_MESSAGE(wide.text.find("0.10 GB are available: up to ") != std::string::npos, wide.text);
  const Outcome batch = run_program(
      TAPEGRAD_RECOMMEND,
      "train --model mf --factors 2 --loss softmax --batch 300 --memory 0.003" + source);
  CHECK(batch.code == 2);
  CHECK_MESSAGE(batch.text.find(", or --batch ") != std::string::npos, batch.text);
  CHECK(run_program(TAPEGRAD_RECOMMEND, "train --model mf --memory 0" + source).code == 2);
  // A baseline that does not fit is left out, and the others are not.
  const Outcome baselines = run_program(
      TAPEGRAD_RECOMMEND,
      "train --model mf --factors 2 --loss softmax --batch 4 --memory 0.003 --epochs 1 --baselines "
      "ease,popularity --data " +
          shell_quoted(data));
  CHECK_MESSAGE(baselines.code == 0, baselines.text);
  CHECK_MESSAGE(baselines.text.find("ease is left out of the baselines: ease: needs about") !=
                    std::string::npos,
                baselines.text);
  CHECK(baselines.text.find("popularity: HR@10") != std::string::npos);
  CHECK(available_memory() > 1e6);
}
