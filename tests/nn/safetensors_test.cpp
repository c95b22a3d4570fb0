// Weight files: what is written is the published format, what was written is read, and what is none
// is refused.
#include "../golden/golden.h"
#include "../graph/graph_test_tools.h"
#include "weight_file_tools.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <limits>

#include <fmt/format.h>

#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::array_of;
using graph_test::holds;
using graph_test::thrown;
using weight_file::assembled;
using weight_file::Folder;

nn::WeightFile small_file() {
  nn::WeightFile file;
  file.tensors.emplace("a", array_of({1, -2.5, 3, 4, 5, 6}, {2, 3}));
  file.tensors.emplace("b", array_of({0.1, -1e300}, {2}, tg::Dtype::float64));
  return file;
}

std::string loading(const std::string& path) {
  return thrown([&] { nn::load_weights(path); });
}

// A header with one tensor "t", of these pieces of JSON.
std::string header(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"t\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}}";
}

}  // namespace

TEST_CASE("files are in the published format") {
  const Folder folder;
  nn::WeightFile file = small_file();
  file.tensors.emplace("c.int", array_of({7, -8}, {2, 1}, tg::Dtype::int32));
  file.tensors.emplace("d.long", array_of({1e15}, {}, tg::Dtype::int64));
  file.tensors.emplace("e.empty", tg::Array({0, 3}));
  file.bytes.emplace("f.text", "hello");
  file.metadata = {{"made by", "a test"}};
  nn::save_weights(folder.file("w"), file);
  const std::string bytes = weight_file::bytes_of(folder.file("w"));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  CHECK(holds(bytes.substr(8, length), R"("__metadata__":{"made by":"a test"})"));
  const std::map<tg::Dtype, std::string> codes{{tg::Dtype::float32, "F32"},
                                               {tg::Dtype::float64, "F64"},
                                               {tg::Dtype::int32, "I32"},
                                               {tg::Dtype::int64, "I64"}};
  const weight_file::Entry text = weight_file::read(bytes, "f.text");
  CHECK(text.dtype == "U8");
  CHECK(text.shape == std::vector<long>{5});
  CHECK(text.bytes == "hello");
  std::size_t total = 8 + length + 5;
  for (const auto& [name, array] : file.tensors) {
    const std::string label = name;  // Clang 14 does not capture structured bindings
    CAPTURE(label);
    const weight_file::Entry entry = weight_file::read(bytes, name);
    CHECK(entry.dtype == codes.at(array.dtype()));
    CHECK(entry.shape ==
          std::vector<long>(array.shape().extents().begin(), array.shape().extents().end()));
    CHECK(entry.bytes == std::string(reinterpret_cast<const char*>(array.data()), array.bytes()));
    total += array.bytes();
  }
  CHECK(bytes.size() == total);
}

TEST_CASE(
    "what is saved is loaded: every element type, scalars, empty tensors, odd names and any text") {
  const Folder folder;
  nn::WeightFile file = small_file();
  file.tensors.emplace("int", array_of({-2147483648.0, 2147483647.0}, {1, 2, 1}, tg::Dtype::int32));
  tg::Array wide({2}, tg::Dtype::int64);
  wide.values<std::int64_t>()[0] = std::numeric_limits<std::int64_t>::max();
  wide.values<std::int64_t>()[1] = std::numeric_limits<std::int64_t>::min();
  file.tensors.emplace("long", wide);
  file.tensors.emplace("scalar", array_of({42}, {}));
  file.tensors.emplace("empty", tg::Array({3, 0, 2}, tg::Dtype::float64));
  file.tensors.emplace("rank eight", tg::Array({1, 1, 2, 1, 1, 1, 1, 3}));
  file.tensors.emplace("odd \"name\" \\ with\nlines, Ünïcödé and 推薦", array_of({1}, {1}));
  file.tensors.emplace("", array_of({std::numeric_limits<double>::infinity(), -0.0}, {2}));
  file.bytes = {{"text", std::string("any \0 bytes \xff", 12)}, {"no text", ""}};
  file.metadata = {{"quotes \"", "and \\ and \" and \t\n"}, {"ключ", "значение ✓"}, {"", ""}};
  for (const nn::WeightFile& one :
       {file, nn::WeightFile{}, nn::WeightFile{.metadata = file.metadata}}) {
    nn::save_weights(folder.file("w"), one);
    const nn::WeightFile loaded = nn::load_weights(folder.file("w"));
    CHECK(loaded.tensors == one.tensors);
    CHECK(loaded.bytes == one.bytes);
    CHECK(loaded.metadata == one.metadata);
  }
  CHECK(folder.files() == 1);
}

TEST_CASE(
    "files of other writers are read, in any order of tensors and with any space in the header") {
  CHECK(nn::load_weights(std::string(TAPEGRAD_GOLDEN_DIR) + "/mlp.safetensors")
            .metadata.at("torch")
            .starts_with("1."));
  const Folder folder;
  const std::string text =
      "{ \"z\" : {\"shape\":[1],\"data_offsets\":[ 0, 4 ],\"dtype\":\"F32\"},\n "
      "\"a\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[4,8]}}   ";
  const nn::WeightFile file = nn::load_weights(weight_file::write(
      folder.file("w"), assembled(text, std::string("\0\0\x80\x3f\7\0\0\0", 8))));
  CHECK(file.tensors.at("z").at(0) == 1.0);
  CHECK(file.tensors.at("a").at(0) == 7.0);
  CHECK(file.metadata.empty());
}

TEST_CASE("a file cut off anywhere is refused") {
  const Folder folder;
  nn::save_weights(folder.file("w"), small_file());
  const std::string bytes = weight_file::bytes_of(folder.file("w"));
  REQUIRE(bytes.size() < 400);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(holds(loading(weight_file::write(folder.file("cut"), bytes.substr(0, size))),
                folder.file("cut") + ": "));
  }
  CHECK(holds(loading(weight_file::write(folder.file("cut"), bytes.substr(0, 7))),
              "is no safetensors file: only 7 bytes"));
  CHECK(holds(loading(weight_file::write(folder.file("cut"), bytes.substr(0, 20))),
              "is truncated: its header has"));
  CHECK(holds(loading(weight_file::write(folder.file("cut"), bytes.substr(0, bytes.size() - 1))),
              "cut: tensor b: its bytes lie outside"));
  CHECK(loading(weight_file::write(folder.file("cut"), bytes)) == "nothing");
}

TEST_CASE("a file with any one byte changed is read or refused with an error of the library's") {
  const Folder folder;
  nn::save_weights(folder.file("w"), small_file());
  const std::string bytes = weight_file::bytes_of(folder.file("w"));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char byte : {'\0', '\xff', '"', '}', '9', static_cast<char>(bytes[at] ^ 1)}) {
      std::string changed = bytes;
      changed[at] = byte;
      weight_file::write(folder.file("changed"), changed);
      try {
        nn::load_weights(folder.file("changed"));
      } catch (const tg::Error& error) {
        CHECK(holds(error.what(), folder.file("changed")));
      }
    }
  }
}

TEST_CASE("what is no weight file is refused, with the reason") {
  const Folder folder;
  const auto refused = [&](const std::string& bytes) {
    return loading(weight_file::write(folder.file("bad"), bytes));
  };
  const std::string four(4, '\0');
  CHECK(holds(refused("%PDF-1.4 and so on, a file of another kind"),
              "is no safetensors file: its header would be"));
  CHECK(holds(refused(std::string(8, '\xff') + "{}"),
              "is no safetensors file: its header would be 18446744073709551615 bytes"));
  CHECK(holds(refused(std::string("\1\0\0\1\0\0\0\0", 8)),
              "its header would be 16777217 bytes, expected at most 16777216"));
  for (const char* text : {"", "{", "nonsense", "[]", "3", "null", "{\"t\":}", "{}}"}) {
    CAPTURE(text);
    CHECK(holds(refused(assembled(text, "")), "its header is not a JSON object"));
  }
  struct Case {
    std::string dtype, shape, offsets, says;
  };
  const std::string whole = "must be a list of whole numbers within [0, ";
  const Case cases[] = {
      {"\"F16\"", "[2]", "[0,4]", "element type F16 is none of F32, F64, I32, I64, U8"},
      {"\"F\\u001b[2J\"", "[2]", "[0,4]", "element type F\\u001b[2J is none of"},
      {"32", "[1]", "[0,4]", "its dtype must be a text, got the number 32"},
      {"null", "[1]", "[0,4]", "its dtype must be a text, got null"},
      {"[\"F32\"]", "[1]", "[0,4]", "its dtype must be a text, got a list"},
      {"\"F32\"", "[1]", "[0,8]", "its bytes lie outside of the file's 4"},
      {"\"F32\"", "[1]", "[4,0]", "its bytes lie outside"},
      {"\"F32\"", "[1]", "[0]", "its data_offsets must be 2 numbers, got 1"},
      {"\"F32\"", "[1]", "[0,4,4]", "its data_offsets must be 2 numbers, got 3"},
      {"\"F32\"", "[1]", "[-4,0]", "its data_offsets " + whole + "4611686018427387904], got -4"},
      {"\"F32\"", "[1]", "[0,4.0]", "its data_offsets " + whole + "4611686018427387904], got 4.0"},
      {"\"F32\"", "[1]", "[0,18446744073709551620]", "its data_offsets " + whole},
      {"\"F32\"", "[1]", "\"0,4\"",
       "its data_offsets " + whole + "4611686018427387904], got a text"},
      {"\"F32\"", "[1]", "null", "its data_offsets " + whole + "4611686018427387904], got null"},
      {"\"F32\"", "[1]", "[[0,4]]",
       "its data_offsets " + whole + "4611686018427387904], got a list"},
      {"\"F32\"", "[2]", "[0,4]", "4 bytes do not hold shape [2] of F32"},
      {"\"F32\"", "[0]", "[0,3]", "3 bytes do not hold shape [0]"},
      {"\"F32\"", "[1.5]", "[0,4]", "its shape " + whole + "576460752303423488], got 1.5"},
      {"\"F32\"", "[1e300]", "[0,4]", "its shape " + whole + "576460752303423488], got 1e300"},
      {"\"F32\"", "[-1]", "[0,4]", "its shape " + whole + "576460752303423488], got -1"},
      {"\"F32\"", "[true]", "[0,4]",
       "its shape " + whole + "576460752303423488], got a truth value"},
      {"\"F32\"", "[{}]", "[0,4]", "its shape " + whole + "576460752303423488], got an object"},
      {"\"F32\"", "1", "[0,4]", "its shape " + whole + "576460752303423488], got the number 1"},
      {"\"F32\"", "[9223372036854775808]", "[0,4]",
       "its shape " + whole + "576460752303423488], got 9223372036854775808"},
      {"\"F32\"", "[576460752303423489]", "[0,0]", "has too many elements"},
      {"\"F32\"", "[1073741824,1073741824]", "[0,0]", "has too many elements"},
      {"\"F32\"", "[0,1073741824,1073741824]", "[0,0]", "has too many elements"},
      {"\"F64\"", "[576460752303423488]", "[0,0]",
       "0 bytes do not hold shape [576460752303423488] of F64"},
      {"\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]", "a shape has at most 8 extents, got 9"},
      {"\"F32\"", "[1,1,1,1,1,1,1,1,1,1]", "[0,4]", "its shape has too many numbers"}};
  for (const Case& one : cases) {
    const std::string text = header(one.dtype, one.shape, one.offsets);
    CAPTURE(text);
    const std::string message = refused(assembled(text, four));
    CAPTURE(message);
    CHECK(holds(message, folder.file("bad") + ": tensor t: "));
    CHECK(holds(message, one.says));
  }
  const std::pair<const char*, const char*> others[] = {
      {"{\"t\":3}",
       "tensor t: expected an object of dtype, shape and data_offsets, got the number 3"},
      {"{\"t\":[]}", "tensor t: expected an object of dtype, shape and data_offsets, got a list"},
      {"{\"t\":{}}", "tensor t: it lacks its dtype"},
      {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}", "tensor t: it lacks its data_offsets"},
      {"{\"t\":{\"dtype\":\"F32\",\"color\":[1]}}",
       "tensor t: expected dtype, shape and data_offsets, got color"},
      {"{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "tensor t: its dtype is there twice"},
      {"{\"__metadata__\":3}", "metadata : expected an object of texts, got the number 3"},
      {"{\"__metadata__\":{\"a\":1}}", "metadata a: expected a text, got the number 1"},
      {"{\"__metadata__\":{\"a\":-1e300}}", "metadata a: expected a text, got the number -1e300"},
      {"{\"__metadata__\":{\"a\":null}}", "metadata a: expected a text, got null"},
      {"{\"__metadata__\":{\"a\":[]}}", "metadata a: expected a text, got a list"},
      {"{\"__metadata__\":{\"a\":{}}}", "metadata a: expected a text, got an object"},
      {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "metadata a: it is there twice"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", "metadata : it is there twice"}};
  for (const auto& [text, says] : others) {
    const std::string message = refused(assembled(text, ""));
    CAPTURE(message);
    CHECK(holds(message, says));
  }
  const std::string entry = "\"t\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
  CHECK(holds(refused(assembled("{" + entry + "," + entry + "}", "")),
              "tensor t: it is there twice"));
}

TEST_CASE("a header takes memory in proportion to its bytes, whatever it nests or repeats") {
  const Folder folder;
  const auto memory_of_refusal = [&](const std::string& text, const std::string& data,
                                     const std::string& says) {
    weight_file::write(folder.file("bad"), assembled(text, data));
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(holds(loading(folder.file("bad")), says) ? 0 : 1);
    int status = -1;
    rusage used{};
    CHECK(wait4(child, &status, 0, &used) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    return used.ru_maxrss * 1024L;
  };
  const long base = memory_of_refusal("{", "", "is not a JSON object");
  const std::size_t large = std::size_t{15} << 20;
  const auto repeated = [&](const std::string& piece) {
    std::string text;
    while (text.size() < large) text += piece;
    return text;
  };
  const long bound = base + 8 * static_cast<long>(large);
  CHECK(memory_of_refusal("{\"t\":" + repeated("["), "", "got a list") < bound);
  CHECK(memory_of_refusal(repeated("{\"t\":"), "", "expected dtype") < bound);
  CHECK(memory_of_refusal("{\"t\":{\"shape\":[" + repeated("1,"), "", "too many numbers") < bound);
  CHECK(memory_of_refusal("{\"__metadata__\":{\"a\":[" + repeated("[],"), "", "metadata a") <
        bound);
  // One range of bytes under many names.
  std::string names = "{";
  for (int i = 0; i < 15000; ++i)
    names +=
        fmt::format(R"("{}":{{"dtype":"F32","shape":[262144],"data_offsets":[0,1048576]}},)", i);
  names.back() = '}';
  CHECK(memory_of_refusal(names, std::string(std::size_t{1} << 20, '\0'), "do not share out") <
        bound);
}

TEST_CASE("tensors must share the file's bytes out without overlap, holes or rests") {
  const Folder folder;
  const auto two = [&](const std::string& first, const std::string& second, std::size_t bytes) {
    const std::string text = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + first +
                             "},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + second +
                             "}}";
    return loading(
        weight_file::write(folder.file("bad"), assembled(text, std::string(bytes, '\0'))));
  };
  CHECK(two("[0,8]", "[8,16]", 16) == "nothing");
  CHECK(two("[8,16]", "[0,8]", 16) == "nothing");
  CHECK(holds(two("[0,8]", "[4,12]", 12), "bad: its tensors do not share out the file's 12 bytes"));
  CHECK(holds(two("[0,8]", "[0,8]", 8), "bad: its tensors do not share out the file's 8 bytes"));
  CHECK(
      holds(two("[0,8]", "[12,20]", 20), "bad: its tensors do not share out the file's 20 bytes"));
  CHECK(holds(two("[0,8]", "[8,16]", 17), "bad: its tensors do not share out the file's 17 bytes"));
}

TEST_CASE("what cannot be opened or written tells the system's reason") {
  const Folder folder;
  CHECK(holds(loading(folder.file("missing")), "missing: cannot open: No such file or directory"));
  CHECK(holds(loading(folder.file("")), "is not a regular file"));
  CHECK(holds(loading("/dev/null"), "/dev/null: is not a regular file"));
  CHECK(holds(thrown([&] { nn::save_weights(folder.file("no/folder"), small_file()); }),
              "no/folder: cannot be written: No such file"));
  std::filesystem::create_directories(folder.file("taken"));
  CHECK(holds(thrown([&] { nn::save_weights(folder.file("taken"), small_file()); }),
              "taken: cannot be written: Is a directory"));
  CHECK(folder.files() == 1);
}

TEST_CASE("names and texts that the format cannot hold are refused before anything is written") {
  const Folder folder;
  nn::save_weights(folder.file("w"), small_file());
  const std::string before = weight_file::bytes_of(folder.file("w"));
  nn::WeightFile file = small_file();
  file.metadata = {{"key", "\xff\xfe"}};
  CHECK(holds(thrown([&] { nn::save_weights(folder.file("w"), file); }),
              folder.file("w") + ": names and texts must be UTF-8"));
  file = small_file();
  file.tensors.emplace("__metadata__", tg::Array({1}));
  CHECK(holds(thrown([&] { nn::save_weights(folder.file("w"), file); }),
              folder.file("w") + ": the name __metadata__ is taken"));
  file = small_file();
  file.bytes.emplace("a", "a text under a tensor's name");
  CHECK(holds(thrown([&] { nn::save_weights(folder.file("w"), file); }),
              folder.file("w") + ": the name a is taken"));
  CHECK(weight_file::bytes_of(folder.file("w")) == before);
  CHECK(folder.files() == 1);
}

TEST_CASE("a disk that fills up leaves the old file as it was, and no other") {
  const Folder folder;
  nn::save_weights(folder.file("w"), small_file());
  const std::string before = weight_file::bytes_of(folder.file("w"));
  nn::WeightFile large = small_file();
  large.tensors.emplace("large", tg::Array::full({1000}, 1.0));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2000, 2000};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message = thrown([&] { nn::save_weights(folder.file("w"), large); });
    _exit(holds(message, folder.file("w") + ": cannot be written: File too large") ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(weight_file::bytes_of(folder.file("w")) == before);
  CHECK(folder.files() == 1);
  nn::save_weights(folder.file("w"), large);
  CHECK(nn::load_weights(folder.file("w")).tensors == large.tensors);
}

TEST_CASE("two parameters that a weight file would give one name are refused") {
  tg::Parameters parameters(1);
  parameters.root().parameter("a.b", {1}, nn::constant(1.0));
  (parameters.root() / "a").parameter("b", {1}, nn::constant(2.0));
  CHECK(graph_test::holds(graph_test::thrown([&] { nn::weights_of(parameters); }),
                          "two parameters have the name a.b in a weight file, one of them is a/b"));
}
