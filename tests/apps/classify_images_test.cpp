// tg-classify on pictures: the whole way, and what it refuses.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/data/file_bytes.h>
#include <tapegrad/apps/images/image_file.h>

#include "classify_files.h"

using namespace classify_files;

namespace {

namespace tg = tapegrad;

// Pictures of 12 to 20 pixels a side with vertical or horizontal bars, red or blue on a light
// ground, in a folder by pattern, and a table of them with both labels.
struct Pictures {
  TestFiles folder;
  std::string table = folder.path("pictures.csv");
  std::string model = shell_quoted(folder.path("model.tg"));

  explicit Pictures(int count) {
    tg::Random random(3);
    std::string csv = "image,pattern,colour\n";
    for (int i = 0; i < count; ++i) {
      const bool is_upright = i % 2 == 0, is_red = random.below(2) == 0;
      const std::string pattern = is_upright ? "upright" : "lying";
      const std::string name = fmt::format("all/{}/{}.png", pattern, i);
      std::filesystem::create_directories(folder.path("all/" + pattern));
      write_png(folder.path(name), bars(random, is_upright, is_red));
      csv += fmt::format("{},{},{}\n", name, pattern, is_red ? "red" : "blue");
    }
    folder.write("pictures.csv", csv);
  }

  static Image bars(tg::Random& random, bool is_upright, bool is_red) {
    Image image{
        .width = 12 + random.below(9), .height = 12 + random.below(9), .channels = 3, .values = {}};
    const tg::Index start = random.below(4);
    for (tg::Index y = 0; y < image.height; ++y) {
      for (tg::Index x = 0; x < image.width; ++x) {
        const bool is_bar = ((is_upright ? x : y) + start) % 4 < 2;
        const auto light = static_cast<unsigned char>(200 + random.below(40));
        const auto dark = static_cast<unsigned char>(random.below(40));
        image.values.push_back(is_bar && !is_red ? dark : light);
        image.values.push_back(is_bar ? dark : light);
        image.values.push_back(is_bar && is_red ? dark : light);
      }
    }
    return image;
  }

  std::string train(const std::string& model_name) const {
    return fmt::format(
        "train --task images --data {} --label pattern,colour --model {} --filters 4-8 --size 12 "
        "--batch 8 --flip off --shift 0 --epochs 12 --learning-rate 0.01 --quiet",
        shell_quoted(table), model_name);
  }
};

double accuracy_of(const nlohmann::json& json, std::size_t target) {
  return json["targets"][target]["accuracy"].get<double>();
}

}  // namespace

TEST_CASE("pictures are learnt, predicted, explained and embedded, on any number of threads") {
  const Pictures pictures(120);
  for (const std::string name : {"cnn", "resnet"}) {
    CAPTURE(name);
    const nlohmann::json first = json_of(pictures.train(name) + " --out " + pictures.model);
    INFO(first.dump());
    CHECK(accuracy_of(first, 0) > 0.9);
    CHECK(accuracy_of(first, 1) > 0.9);
    const std::string bytes = pictures.folder.path("model.tg"), second = pictures.folder.path("b");
    json_of(pictures.train(name) + " --threads 3 --out " + shell_quoted(second));
    CHECK(tg::apps::read_file(bytes) == tg::apps::read_file(second));

    const nlohmann::json judged =
        json_of("evaluate --label pattern,colour --model-file " + pictures.model + " --data " +
                shell_quoted(pictures.table) + " --quiet");
    CHECK(accuracy_of(judged, 0) > 0.9);

    const std::string one = shell_quoted(pictures.folder.path("all/upright/0.png"));
    const nlohmann::json said =
        json_of("predict --quiet --model-file " + pictures.model + " --input " + one);
    CHECK(said["targets"][0]["target"] == "pattern");
    CHECK(said["targets"][0]["classes"][0]["class"] == "upright");

    for (const std::string method : {"leave-out", "gradients"}) {
      CAPTURE(method);
      const std::string shown = pictures.folder.path("shown.png");
      const nlohmann::json why =
          json_of(fmt::format("explain --quiet --model-file {} --input {} --method {} --k 1000 "
                              "--picture {}",
                              pictures.model, one, method, shell_quoted(shown)));
      CHECK(why["contributions"].size() == 36);
      const Image image = read_image(shown, standard_max_pixels);
      CHECK(image.height >= 224);
      CHECK(image.width == 2 * image.height);
      if (method == "leave-out") continue;
      double sum = why["without_all"].get<double>();
      for (const nlohmann::json& part : why["contributions"])
        sum += part["contribution"].get<double>();
      CHECK(sum == doctest::Approx(why["score"].get<double>()).epsilon(0.1));
    }
  }
}

TEST_CASE("an interrupted training of pictures that is resumed gives the same file") {
  const Pictures pictures(60);
  const std::string whole = shell_quoted(pictures.folder.path("whole.tg")),
                    parts = shell_quoted(pictures.folder.path("parts.tg")),
                    kept = shell_quoted(pictures.folder.path("kept"));
  // With all that is random in a batch.
  const std::string train = fmt::format(
      "train --task images --data {} --model resnet --filters 4-4 --size 8 --batch 8 --label "
      "pattern --erase 0.5 --crop 0.2 --quiet --epochs ",
      shell_quoted(pictures.table));
  REQUIRE(run(train + "6 --out " + whole).code == 0);
  const std::string resumed =
      train + "6 --resume --checkpoint-minutes 0 --checkpoint " + kept + " --out " + parts;
  bool interrupted = false;
  for (const char* after : {"0.1", "0.2", "0.4"}) {
    const Outcome part = run(resumed, std::string("timeout -s INT ") + after);
    CHECK((part.code == 130 || part.code == 0 || part.code == 124));
    interrupted |= part.code != 0;
  }
  REQUIRE(run(resumed).code == 0);
  CHECK(read_file(pictures.folder.path("whole.tg")) == read_file(pictures.folder.path("parts.tg")));
  MESSAGE("interrupted: " << interrupted);
}

TEST_CASE("vectors and predicted classes of pictures are features of items for tg-recommend") {
  const Pictures pictures(60);
  REQUIRE(run(pictures.train("cnn") + " --out " + pictures.model).code == 0);
  const std::string items = shell_quoted(pictures.folder.path("items.csv"));
  std::string log = "user,item\n";
  tg::Random random(1);
  for (int i = 0; i < 600; ++i) {
    const tg::Index item = random.below(60);
    log += fmt::format("u{},all/{}/{}.png\n", i % 40, item % 2 == 0 ? "upright" : "lying", item);
  }
  const std::string events = shell_quoted(pictures.folder.write("log.csv", log));
  const std::string about = " --model-file " + pictures.model + " --data " +
                            shell_quoted(pictures.table) + " --out " + items;
  REQUIRE(run("embed --components 4" + about).code == 0);
  const std::string train =
      "train --model content --data " + events + " --items " + items + " --features ";
  Outcome outcome = run_program(TAPEGRAD_RECOMMEND, train + "v1=v1,v2=v2,v3=v3,v4=v4");
  CAPTURE(outcome.text);
  CHECK(outcome.code == 0);
  REQUIRE(run("predict" + about).code == 0);
  outcome = run_program(TAPEGRAD_RECOMMEND, train + "pattern=pattern,colour=colour");
  CAPTURE(outcome.text);
  CHECK(outcome.code == 0);
}

TEST_CASE("wrong usage of tg-classify with pictures is one line and an exit code") {
  const Pictures pictures(40);
  REQUIRE(run(pictures.train("cnn") + " --out " + pictures.model).code == 0);
  const std::string table = shell_quoted(pictures.table),
                    all = shell_quoted(pictures.folder.path("all")),
                    bad = shell_quoted(pictures.folder.write("bad.png", "GIF")),
                    base = "train --task images --model cnn --data ";
  std::filesystem::create_directories(pictures.folder.path("empty"));
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"train --task images --model bag --data " + all, 2, "there are cnn, resnet"},
      {base + all + " --text a", 2, "--text has no effect with task images"},
      {base + all + " --label a", 2, "has no columns to choose from"},
      {base + all + " --size 0", 2, "--size must be within [1, 1024], got 0"},
      {base + all + " --colours blue", 2, "--colours must be grey or rgb, got \"blue\""},
      {"train --task images --model resnet --filters 8 --data " + all, 2,
       "a first layer and stages, such as 24-48-96, got 8"},
      {base + all + " --blocks 2", 2, "--blocks has no effect with model cnn"},
      {base + all + " --crop 1", 2, "crop"},
      {base + shell_quoted(pictures.folder.path("empty")), 1,
       "expected pictures, got a folder without any"},
      {base + table + " --label nowhere", 1, "nowhere"},
      {base + table + " --label pattern --image nowhere", 1, "nowhere"},
      {base + shell_quoted(pictures.folder.write("t.csv", "image,label\nnone.png,a\nb.png,b\n")), 1,
       "none.png: cannot open the file"},
      {"train --task text --model bag --size 3 --data " + table, 2,
       "--size has no effect with task text"},
      {"train --task table --model mlp --attributes a --data " + table, 2,
       "--attributes has no effect with task table"},
      {"predict --model-file " + pictures.model + " --input " + bad, 1,
       "bad.png: expected a picture, PNG or JPEG, got something else"},
      {"predict --model-file " + pictures.model + " --text a --data " + all, 2, "--text"},
      {"explain --model-file " + pictures.model + " --html a.html --input " + bad, 2,
       "--html has no effect with a model of pictures"},
      {"explain --model-file " + pictures.model + " --input none.png", 1, "none.png"},
      {"embed --model-file " + pictures.model + " --data " + all + " --components 1000 --out o", 2,
       "--components must be within"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK(outcome.code == one.code);
    CAPTURE(outcome.text);
    CHECK(last_line(outcome.text).find(one.says) != std::string::npos);
  }
}
