// The three files of protocol ncf, in one input with a line "--" between two of them.
#include <filesystem>

#include <tapegrad/apps/data/ncf_split.h>

#include "fuzz_input.h"

namespace {

namespace fs = std::filesystem;

// A folder with links to three files in memory.
struct Files {
  fs::path folder = fs::temp_directory_path() / ("tapegrad-fuzz-ncf-" + std::to_string(getpid()));
  fuzz::InputFile files[3];
  Files() { fs::create_directory(folder); }
  ~Files() { fs::remove_all(folder); }
  void write(std::string_view text) const {
    const char* const names[] = {"d.train.rating", "d.test.rating", "d.test.negative"};
    for (int i = 0; i < 3; ++i) {
      constexpr std::string_view separator = "\n--\n";
      const std::size_t end = i < 2 ? text.find(separator) : std::string_view::npos;
      const std::string path = files[i].write(text.substr(0, end));
      if (!fs::is_symlink(folder / names[i])) fs::create_symlink(path, folder / names[i]);
      text =
          end == std::string_view::npos ? std::string_view() : text.substr(end + separator.size());
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const Files files;
  files.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const Split split = read_ncf_split((files.folder / "d").string());
    for (const RankingCase& one : split.cases) fuzz::require(!one.candidates.empty());
  });
  return 0;
}
