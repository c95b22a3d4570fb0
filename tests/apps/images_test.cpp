// Files of pictures, how pictures are made alike, and how they are changed while a network trains.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/file_bytes.h>
#include <tapegrad/apps/images/augmentation.h>
#include <tapegrad/apps/images/idx_file.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_set.h>
#include <tapegrad/apps/images/labelled_images.h>

#include "test_files.h"

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;

constexpr std::size_t limit = 64'000'000;

std::string picture(const std::string& name) {
  return TAPEGRAD_SOURCE_DIR "/tests/apps/images/" + name;
}

nlohmann::json expected_pixels() {
  std::ifstream file(picture("expected.json"));
  return nlohmann::json::parse(file);
}

Image random_image(tg::Random& random, tg::Index channels) {
  Image image{.width = 1 + random.below(20),
              .height = 1 + random.below(20),
              .channels = channels,
              .values = {}};
  for (tg::Index i = 0; i < image.width * image.height * channels; ++i)
    image.values.push_back(static_cast<unsigned char>(random.below(256)));
  return image;
}

// A picture of one grey.
Image plain(tg::Index width, tg::Index height, unsigned char value) {
  return {.width = width,
          .height = height,
          .channels = 1,
          .values = std::vector<unsigned char>(static_cast<std::size_t>(width * height), value)};
}

std::vector<float> ramp(const ImageShape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.numbers()));
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

std::string idx_bytes(const std::vector<tg::Index>& shape, const std::string& elements) {
  std::string bytes("\0\0\x08", 3);
  bytes += static_cast<char>(shape.size());
  for (const tg::Index extent : shape) {
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes += static_cast<char>(static_cast<unsigned char>(extent >> shift));
  }
  return bytes + elements;
}

}  // namespace

TEST_CASE("pictures of every form are read as Pillow reads them") {
  const nlohmann::json expected = expected_pixels();
  int walked = 0;
  for (const auto& entry : expected.items()) {
    const std::string& name = entry.key();
    const nlohmann::json& pixels = entry.value();
    if (name.find(" at ") != std::string::npos) continue;
    CAPTURE(name);
    const Image image = read_image(picture(name), limit);
    CHECK(image.width == 6);
    CHECK(image.height == 4);
    const auto channels = static_cast<std::size_t>(image.channels);
    REQUIRE(image.values.size() == 24 * channels);
    // Decoders of JPEG may differ by a little in rounding.
    const bool is_jpeg = name.ends_with(".jpg");
    int largest = 0;
    for (std::size_t i = 0; i < 24; ++i) {
      for (std::size_t c = 0; c < channels; ++c) {
        const auto& own = pixels[i];
        const int value = own[std::min(c, own.size() - 1)].get<int>();
        largest = std::max(largest, std::abs(value - int{image.values[i * channels + c]}));
      }
    }
    CHECK(largest <= (is_jpeg ? 3 : name.find("grey_see") == 0 ? 2 : 0));
    ++walked;
  }
  CHECK(walked == 11);
}

TEST_CASE("a picture that is written as PNG is read as it was") {
  const TestFiles files;
  tg::Random random(5);
  for (int round = 0; round < 20; ++round) {
    const Image image = random_image(random, round % 2 == 0 ? 1 : 3);
    write_png(files.path("a.png"), image);
    const Image read = read_image(files.path("a.png"), limit);
    CHECK(read.width == image.width);
    CHECK(read.channels == image.channels);
    CHECK(read.values == image.values);
  }
}

TEST_CASE("what is no whole picture is refused in one line that names the file") {
  const auto refused = [](const std::string& bytes) {
    const std::string message = message_of([&] { decode_image(bytes, "a.png", limit); });
    CHECK(message.starts_with("a.png: expected a "));
    CHECK(message.find('\n') == std::string::npos);
    return message;
  };
  CHECK(refused("") == "a.png: expected a picture, PNG or JPEG, got an empty file");
  CHECK(refused("GIF89a") == "a.png: expected a picture, PNG or JPEG, got something else");
  for (const std::string name : {"colour.png", "colour.jpg", "progressive.jpg", "palette.png"}) {
    CAPTURE(name);
    const std::string bytes = read_file(picture(name));
    // Truncated anywhere but within what comes after the last pixel.
    for (std::size_t length = 0; length < bytes.size() * 2 / 3; ++length) {
      CAPTURE(length);
      refused(bytes.substr(0, length));
    }
  }
  // No pixels, as PNG's header says it.
  std::string none = read_file(picture("grey.png"));
  std::fill_n(none.begin() + 16, 4, '\0');
  refused(none);
  CHECK(refused(read_file(picture("bomb.png")))
            .starts_with(
                "a.png: expected a picture of at most 64 megapixels, got one of 50000 x 50000 "
                "pixels: --max-megapixels raises that"));
}

TEST_CASE("pictures are resized as Pillow resizes them") {
  const nlohmann::json expected = expected_pixels();
  const Image image = read_image(picture("large.png"), limit);
  for (const tg::Index size : {9, 64}) {
    CAPTURE(size);
    const std::vector<unsigned char> own = fitted(image, {.channels = 1, .size = size});
    const nlohmann::json& pixels = expected[fmt::format("large.png at {}", size)];
    REQUIRE(pixels.size() == own.size());
    int largest = 0;
    for (std::size_t i = 0; i < own.size(); ++i)
      largest = std::max(largest, std::abs(pixels[i][0].get<int>() - int{own[i]}));
    CHECK(largest <= 1);  // Pillow rounds between the two directions
  }
}

TEST_CASE("a picture of the size stays as it is, and another is put in the middle") {
  tg::Random random(7);
  Image image = random_image(random, 1);
  image = plain(9, 9, 0);
  for (unsigned char& value : image.values) value = static_cast<unsigned char>(random.below(256));
  CHECK(fitted(image, {.channels = 1, .size = 9}) == image.values);
  const std::vector<unsigned char> wide = fitted(plain(8, 4, 200), {.channels = 3, .size = 4});
  CHECK(wide == std::vector<unsigned char>(48, 200));
  Image framed = plain(4, 2, 10);
  framed.values = {10, 10, 10, 10, 10, 10, 10, 10};
  framed.values[1] = 90;
  const std::vector<unsigned char> middle = fitted(framed, {.channels = 1, .size = 4});
  CHECK(middle == std::vector<unsigned char>{20, 20, 20, 20, 10, 90, 10, 10,  //
                                             10, 10, 10, 10, 20, 20, 20, 20});
  const Image colour{.width = 1, .height = 1, .channels = 3, .values = {100, 200, 50}};
  CHECK(fitted(colour, {.channels = 1, .size = 1}) == std::vector<unsigned char>{153});
  CHECK(fitted(plain(1000, 1, 7), {.channels = 1, .size = 5}).size() == 25);
}

TEST_CASE("pictures are flipped, moved, cropped and erased as asked, and stay as they are else") {
  const ImageShape shape{.channels = 2, .size = 8};
  const std::vector<float> whole = ramp(shape);
  const auto changed = [&](const Augmentation& options, std::uint64_t seed) {
    std::vector<float> values = whole;
    tg::Random random(seed);
    augment(values, shape, options, random);
    return values;
  };
  std::vector<float> mirrored = whole;
  flip(mirrored, shape);
  CHECK(mirrored[0] == whole[7]);
  CHECK(mirrored[127] == whole[120]);
  int flips = 0;
  std::vector<int> zeros;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    CHECK(changed({}, seed) == whole);
    const std::vector<float> maybe = changed({.flips = true}, seed);
    CHECK((maybe == whole || maybe == mirrored));
    flips += maybe == mirrored ? 1 : 0;
    // Every pixel of a picture that moved is one of the picture, at most two to each side.
    const std::vector<float> moved = changed({.shift = 2}, seed);
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const int from = static_cast<int>(moved[i]) - 1, to = static_cast<int>(i);
      CHECK(from / 64 == to / 64);
      CHECK(std::abs(from % 8 - to % 8) <= 2);
      CHECK(std::abs(from / 8 - to / 8) <= 2);
    }
    // A cropped picture shows nothing that was not there.
    const std::vector<float> cropped = changed({.crop = 0.5}, seed);
    CHECK(std::ranges::min(cropped) >= 1.0F);
    CHECK(std::ranges::max(cropped) <= 128.0F);
    const std::vector<float> erased = changed({.erase = 1.0}, seed);
    const auto count = std::ranges::count(erased, 0.0F);
    CHECK(count % 2 == 0);  // the same in both channels
    CHECK(count >= 2);
    CHECK(count <= 2 * 22);  // a quarter, and rounding
    for (std::size_t i = 0; i < erased.size(); ++i)
      CHECK((erased[i] == 0.0F || erased[i] == whole[i]));
  }
  CHECK(flips > 150);
  CHECK(flips < 250);
}

TEST_CASE("IDX files are read with their labels, and broken ones are refused") {
  const TestFiles files;
  const std::string images = idx_bytes({2, 2, 3}, "abcdefghijkl"),
                    labels = idx_bytes({2}, "\x07\x01");
  const std::vector<std::string> found{files.write_gzip("t-images-idx3-ubyte.gz", images)};
  const LabelledImageOptions options{.shape = {.channels = 0, .size = 0}};
  CHECK(message_of([&] {
          read_labelled_images(found, options);
        }).find("expected the file of its labels beside it") != std::string::npos);
  files.write("t-labels-idx1-ubyte", labels);
  const LabelledImages read = read_labelled_images(found, options);
  CHECK(read.images.count() == 2);
  CHECK(read.images.shape.size == 3);
  CHECK(read.images.shape.channels == 1);
  REQUIRE(read.labels.size() == 1);
  CHECK(read.labels[0].name == "class");
  CHECK(read.labels[0].fields == std::vector<std::string>{"7", "1"});
  CHECK(read.ids == std::vector<std::string>{"1", "2"});
  struct Case {
    std::string bytes, says;
  };
  const Case cases[] = {
      {"", "got something else"},
      {images.substr(0, 3), "got something else"},
      {images.substr(0, 9), "got another header"},
      {images.substr(0, images.size() - 1), "got 11 elements instead of 12"},
      {images + "x", "got 13 elements instead of 12"},
      {std::string("\0\0\x0D\x01\0\0\0\0", 8), "elements of another type"},
      {idx_bytes({2, 0, 3}, ""), "expected pictures with pixels"},
      {idx_bytes({2}, "ab"), "expected pictures with pixels"},
      {idx_bytes({0, 2, 3}, ""), "expected 0 labels, one for each picture, got 2"},
      {idx_bytes({1, 2, 3}, "abcdef"), "expected 1 labels, one for each picture, got 2"},
      {std::string("\0\0\x08\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16),
       "fewer elements than it names"}};
  for (const Case& one : cases) {
    const std::vector<std::string> broken{files.write("t-images-idx3-ubyte", one.bytes)};
    const std::string message = message_of([&] { read_labelled_images(broken, options); });
    CAPTURE(one.says);
    CAPTURE(message);
    CHECK(message.find(one.says) != std::string::npos);
  }
}

TEST_CASE("folders are classes, and tables name files beside them") {
  const TestFiles files;
  const auto put = [&](const std::string& name, unsigned char value) {
    std::filesystem::create_directories(std::filesystem::path(files.path(name)).parent_path());
    write_png(files.path(name), plain(4, 4, value));
  };
  put("shop/shoes/b.png", 1);
  put("shop/shoes/a.PNG", 2);
  put("shop/hats/red/c.png", 3);
  files.write("shop/hats/notes.txt", "no picture");
  files.write("shop/.hidden.png", "no picture");
  const std::vector<std::string> folder{files.path("shop")};
  LabelledImageOptions options;
  options.threads = 2;
  const LabelledImages read = read_labelled_images(folder, options);
  CHECK(read.ids == std::vector<std::string>{"hats/red/c.png", "shoes/a.PNG", "shoes/b.png"});
  CHECK(read.labels[0].fields == std::vector<std::string>{"hats", "shoes", "shoes"});
  CHECK(read.other_files == 1);
  CHECK(read.images.values[0] == 3);
  CHECK(read.images.shape.size == 4);

  const std::vector<std::string> table{files.write(
      "items.csv",
      "id,image,kind\n1,shop/shoes/b.png,x\n2,shop/shoes/a.PNG,\n3,shop/hats/red/c.png,y\n")};
  options.label_columns = {"kind"};
  options.id_column = "id";
  const LabelledImages named = read_labelled_images(table, options);
  CHECK(named.ids == std::vector<std::string>{"1", "3"});
  CHECK(named.labels[0].name == "kind");
  CHECK(named.without_label == 1);

  // Attributes of classes.
  LabelledImageOptions attributes;
  attributes.attributes =
      files.write("classes.csv", "class,feet,colour\nshoes,yes,brown\nhats,no,red\n");
  const LabelledImages told = read_labelled_images(folder, attributes);
  REQUIRE(told.labels.size() == 2);
  CHECK(told.labels[1].name == "colour");
  CHECK(told.labels[0].fields == std::vector<std::string>{"no", "yes", "yes"});
  attributes.attributes = files.write("classes.csv", "class,feet\nshoes,yes\n");
  CHECK(message_of([&] {
          read_labelled_images(folder, attributes);
        }).find("expected a row for each class, got none for \"hats\"") != std::string::npos);

  // Pictures that cannot be read.
  files.write("shop/shoes/z.png", "no picture");
  CHECK(message_of([&] { read_labelled_images(folder, {}); })
            .find("z.png: expected a picture, PNG or JPEG, got something else: --skip-bad-images "
                  "leaves them out") != std::string::npos);
  const LabelledImages sound = read_labelled_images(folder, {.skip_bad_images = true});
  CHECK(sound.images.count() == 3);
  CHECK(sound.bad.size() == 1);
  CHECK(sound.ids.size() == 3);
  CHECK(sound.labels[0].fields.size() == 3);
  put("shop/loose.png", 9);
  CHECK(message_of([&] {
          read_labelled_images(folder, {.skip_bad_images = true});
        }).find("expected a folder for each class") != std::string::npos);
}
