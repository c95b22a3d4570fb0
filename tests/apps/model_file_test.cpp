// Files of models: what they say is checked, and compared with their tensors, before anything is
// made of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/purchase_file.h>
#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/models/settings.h>

#include "file_mutations.h"
#include "model_kinds.h"
#include "test_files.h"

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;
using namespace file_mutations;
using namespace model_kinds;
using nlohmann::json;

// Texts that are no such setting.
std::vector<std::string> wrong_texts(const std::string& setting) {
  const std::vector<std::string> no_numbers{"",   "nan", "inf", "-1",  "1e300", "word",
                                            " 4", "4 ",  "4,5", "0x4", "[4]",   "null"};
  std::vector<std::string> wrong = no_numbers;
  const auto add = [&](std::initializer_list<const char*> more) {
    wrong.insert(wrong.end(), more.begin(), more.end());
  };
  if (setting == "dropout" || setting == "label-smoothing") {
    add({"-1e-300", "1", "0.995"});
  } else if (setting == "lambda") {
    add({"0", "1e-7", "1e13", "auto", "10.0"});
  } else if (setting == "seed") {
    add({"2.5", "9223372036854775808", "99999999999999999999"});
  } else if (setting == "factors" || setting == "width" || setting == "layers" ||
             setting == "heads" || setting == "length" || setting == "kernel") {
    add({"0", "2.5", "4097000", "2147483648", "1152921504606846976", "99999999999999999999"});
  } else if (setting == "alpha" || setting == "neighbours" || setting == "hidden") {
    add({"0", "1e30", "auto", "8-0", "8--4", "-", "11111111111111111111111"});
  } else if (setting == "embedding" || setting == "cost" || setting == "smoothing") {
    add({"1e30", "99999999999999999999"});
  } else if (setting == "huber-delta") {
    add({"0", "-1", "1e30"});
  } else if (setting == "kernels") {
    add({"0", "auto", "8-0", "8--4", "-", "65"});
  } else if (setting == "temperature" || setting == "threshold") {
    add({"-0.5", "1e30"});
  } else if (setting == "regularisation" || setting == "idf") {
    add({"-0.5", "1e30"});
  } else if (setting == "sampling-exponent" || setting == "calibration") {
    add({"-0.5", "3"});
  } else if (setting == "shrinkage") {
    add({"-0.5", "1e30", "auto"});
  } else if (setting == "window" || setting == "learning-rate" || setting == "batch" ||
             setting == "negatives" || setting == "sweeps" || setting == "accumulate" ||
             setting == "average-every" || setting == "epochs" || setting == "sample" ||
             setting.ends_with("-scale")) {
    add({"0", "1e30", "99999999999999999999"});
  } else if (setting == "input-dropout" || setting == "id-dropout" || setting == "average-decay" ||
             setting == "final-rate") {
    add({"1.5", "-0.5"});
  } else if (setting == "crop" || setting == "erase") {
    add({"1.5", "-0.5"});
  } else if (setting == "shift") {
    add({"-1", "2.5", "1e300"});
  } else if (setting == "weight-decay" || setting == "clip-norm") {
    add({"1e30", "-0.5"});
  } else if (setting == "half-life" || setting == "weight-unit" || setting == "weighed-at") {
    wrong = {"", "nan", "inf", "-1e300", "1e300", "word", " 4", "4,5"};
  } else if (setting == "protocol" || setting == "data") {
    wrong = {"", "\x1b[2J", "Zwölf", std::string(65, 'x')};
  } else {
    wrong = {"", "-1", "0", "1e300", "2.5", "nan", "\x1b[2J", std::string(100000, 'x')};
  }
  return wrong;
}

}  // namespace

TEST_CASE(
    "every setting of every model's file that is missing, out of bounds or of another kind is "
    "refused by name") {
  const TestFiles folder;
  const std::string good = folder.path("good"), bad = folder.path("bad");
  int cells = 0;
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.model);
    kind.save(good);
    kind.load(good);
    const RawFile file = read_raw(good);
    const auto refuses = [&](const std::string& setting,
                             const std::function<void(json & metadata)>& change) {
      RawFile changed = file;
      change(changed.header["__metadata__"]);
      write_raw(bad, changed);
      const std::string message = message_of([&] { kind.load(bad); });
      CAPTURE(message);
      CHECK(message.starts_with(bad + ": "));
      CHECK(message.find(setting) != std::string::npos);
      CHECK(message.find_first_of("\n\x1b") == std::string::npos);
      CHECK(message.size() < 500);
      ++cells;
    };
    const json settings = file.header["__metadata__"];
    CHECK(settings.size() >= 5);
    for (const auto& entry : settings.items()) {
      const std::string& setting = entry.key();
      CAPTURE(setting);
      refuses(setting, [&](json& metadata) { metadata.erase(setting); });
      for (const json& other : {json(), json(4), json(-4), json(2.5), json(1e300), json(true),
                                json::array({4}), json::object()}) {
        CAPTURE(other.dump());
        refuses(setting, [&](json& metadata) { metadata[setting] = other; });
      }
      for (const std::string& text : wrong_texts(setting)) {
        CAPTURE(text);
        refuses(setting, [&](json& metadata) { metadata[setting] = text; });
      }
    }
  }
  MESSAGE(cells, " settings of files that are refused");
  CHECK(cells > 1500);
}

TEST_CASE("an option out of bounds and a file out of bounds get the same sentence") {
  const TestFiles folder;
  save_sequence(folder.path("model"), "gru");
  RawFile file = read_raw(folder.path("model"));
  file.header["__metadata__"]["layers"] = "100000";
  write_raw(folder.path("model"), file);
  const std::string sentence = "layers must be within [1, 64], got 100000";
  CHECK(message_of([&] { load_sequence_model(folder.path("model")); }).ends_with(": " + sentence));
  CHECK(message_of([] { ModelSettings().set(sequence_options::layers, "100000"); }) == sentence);
}

TEST_CASE(
    "settings within their bounds that are not those of the tensors are refused before memory is "
    "taken") {
  const TestFiles folder;
  const std::string good = folder.path("good"), bad = folder.path("bad");
  struct Case {
    std::string model, setting, value, says;
  };
  const Case cases[] = {{"sasrec", "length", "7", "positions.weight"},
                        {"sasrec", "length", "10000", "positions.weight"},
                        {"sasrec", "layers", "3", "encoder.layers.2"},
                        {"sasrec", "layers", "1", "encoder.layers.1"},
                        {"sasrec", "width", "4096", "items.weight"},
                        {"sasrec", "heads", "3", "--heads (3) must divide"},
                        {"gru", "layers", "64", "gru.weight_ih_l2"},
                        {"gru", "width", "4096", "items.weight"},
                        {"lstm", "layers", "1", "lstm."},
                        {"rnn", "width", "8", "items.weight"},
                        {"mf", "factors", "4096", "users.weight"},
                        {"gmf", "factors", "2", "users.weight"},
                        {"neumf", "factors", "4096", "gmf_users.weight"}};
  for (const Kind& kind : kinds()) {
    kind.save(good);
    const long base = memory_of([&] { kind.load(good); });
    for (const Case& one : cases) {
      if (one.model != kind.model) continue;
      CAPTURE(one.model);
      CAPTURE(one.setting);
      RawFile file = read_raw(good);
      file.header["__metadata__"][one.setting] = one.value;
      write_raw(bad, file);
      const std::string message = message_of([&] { kind.load(bad); });
      CAPTURE(message);
      CHECK(message.find(one.says) != std::string::npos);
      CHECK(memory_of([&] { message_of([&] { kind.load(bad); }); }) < base + (16L << 20));
    }
  }
}

TEST_CASE(
    "every tensor of every model's file that is missing or of another form is refused by name") {
  const TestFiles folder;
  const std::string good = folder.path("good"), bad = folder.path("bad");
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.model);
    kind.save(good);
    tg::nn::WeightFile file = tg::nn::load_weights(good);
    file.metadata.erase("crc32");
    const auto refuses = [&](const std::string& name, const tg::nn::WeightFile& changed) {
      CAPTURE(name);
      tg::nn::save_weights(bad, changed);
      std::string message = message_of([&] { kind.load(bad); });
      CAPTURE(message);
      CHECK(message.starts_with(bad + ": "));
      // Weights are named as the file names them, or as parameters, whose parts have slashes
      // between; lists by what they are of. Without its features a model has weights too many.
      std::ranges::replace(message, '/', '.');
      const std::string part =
          name.starts_with("model.") ? name.substr(6) : name.substr(0, name.find('.'));
      CHECK(message.find(part) != std::string::npos);
    };
    for (const auto& [name, array] : file.tensors) {
      tg::nn::WeightFile changed = file;
      changed.tensors.erase(name);
      refuses(name, changed);
      for (const tg::Array& wrong : wrong_forms(array)) {
        changed.tensors.insert_or_assign(name, wrong);
        refuses(name, changed);
      }
    }
    for (const auto& [name, bytes] : file.bytes) {
      tg::nn::WeightFile changed = file;
      changed.bytes[name] = bytes + "more";
      refuses(name, changed);
      if (!bytes.empty()) {
        changed.bytes[name].resize(bytes.size() - 1);
        refuses(name, changed);
      }
      changed.bytes.erase(name);
      // What a file need not have.
      if (!name.starts_with("titles") && !name.starts_with("excluded")) refuses(name, changed);
    }
    tg::nn::WeightFile changed = file;
    changed.tensors.emplace("model.more", tg::Array({1}));
    if (kind.is_network) refuses("model.more", changed);
  }
}

TEST_CASE("numbers in a model's file that lead outside of its lists are refused") {
  const TestFiles folder;
  const std::string good = folder.path("good"), bad = folder.path("bad");
  const auto refuses = [&](const Kind& kind, const std::string& tensor, tg::Index at,
                           double value) {
    CAPTURE(kind.model);
    CAPTURE(tensor);
    CAPTURE(value);
    kind.save(good);
    tg::nn::WeightFile file = tg::nn::load_weights(good);
    file.metadata.erase("crc32");
    file.tensors.at(tensor).set(at, value);
    tg::nn::save_weights(bad, file);
    const std::string message = message_of([&] { kind.load(bad); });
    CHECK_MESSAGE(message.find(tensor.substr(0, tensor.find('.'))) != std::string::npos, message);
  };
  const auto all = kinds();
  const Kind& sequence = *std::ranges::find(all, "association-rules", &Kind::model);
  for (const double value : {-1.0, 3.0, 2147483645.0, -2147483648.0}) {
    refuses(all[0], "seen.users", 1, value);
    refuses(all[0], "seen.items", 1, value < 0 ? value : value + 2.0);
    refuses(sequence, "sessions.events", 2, value < 0 ? value : value + 2.0);
  }
  for (const double value : {-1.0, 4611686018427387904.0, -9223372036854775808.0}) {
    refuses(all[0], "users.ends", 1, value);
    refuses(all[0], "items.ends", 4, value);
    refuses(sequence, "sessions.offsets", 0, value);
    refuses(sequence, "sessions.offsets", 2, value);
  }
}

TEST_CASE("a model that was loaded has the bits of the one that was saved") {
  const TestFiles folder;
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.model);
    kind.save(folder.path("first"));
    const RawFile first = read_raw(folder.path("first"));
    if (kind.model == "purchase")
      save_purchase_model(folder.path("second"), load_purchase_model(folder.path("first")));
    else if (kind.model == "language")
      save_language_model(folder.path("second"), load_language_model(folder.path("first")));
    else if (kind.model.starts_with("text: "))
      save_text_classifier(folder.path("second"), load_text_classifier(folder.path("first")));
    else if (kind.model.starts_with("table: "))
      save_table_classifier(folder.path("second"), load_table_classifier(folder.path("first")));
    else if (kind.model.starts_with("images: "))
      save_image_classifier(folder.path("second"), load_image_classifier(folder.path("first")));
    else if (kind.model.starts_with("trees: "))
      save_tree_classifier(folder.path("second"), load_tree_classifier(folder.path("first")));
    else if (first.header["__metadata__"]["format"] == "tapegrad recommender 4")
      save_model(folder.path("second"), load_model(folder.path("first")));
    else
      save_sequence_model(folder.path("second"), load_sequence_model(folder.path("first")));
    const RawFile second = read_raw(folder.path("second"));
    CHECK(first.header == second.header);
    CHECK(first.data == second.data);
  }
}

TEST_CASE(
    "a user's scores need the rows of that user's items alone, and a damaged row is told when it "
    "is needed") {
  const TestFiles folder;
  const std::string path = folder.path("model");
  save_recommender(path, "ease");
  const StoredModel whole = load_model(path);
  std::vector<float> expected(5), scores(5);
  make_recommender(whole)->score(1, {}, expected);
  RawFile file = read_raw(path);
  const std::size_t rows = file.header["ease.weights"]["data_offsets"][0];
  file.data[rows + (3 * 5 + 1) * sizeof(float)] ^= 1;  // in row 3, of an item that only user 2 has
  write_raw(path, file);
  const StoredModel damaged = load_model(path);
  const auto recommender = make_recommender(damaged);
  recommender->score(1, {}, scores);
  CHECK(std::memcmp(scores.data(), expected.data(), scores.size() * sizeof(float)) == 0);
  const std::string message = message_of([&] { recommender->score(2, {}, scores); });
  CHECK(message.starts_with(path + ": is damaged: expected a checksum of "));
  CHECK(message.find("row 3 of ease.weights") != std::string::npos);
}
