// Files that are written whole or not at all.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/replaced_file.h>

namespace {

namespace fs = std::filesystem;
using tapegrad::nn::ReplacedFile;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a file is replaced by a commit, keeps its mode, and stays without one") {
  const fs::path folder = fs::temp_directory_path() / "tapegrad-replaced-file-test";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const std::string path = folder / "file";
  std::ofstream(path) << "old";
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  { ReplacedFile(path).write("lost", 4); }
  CHECK(contents(path) == "old");
  {
    ReplacedFile file(path);
    file.write("new", 3);
    CHECK(contents(path) == "old");
    file.commit();
  }
  CHECK(contents(path) == "new");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const mode_t outer = ::umask(077);
  {
    ReplacedFile file(folder / "private");
    file.commit();
  }
  ::umask(outer);
  CHECK(fs::status(folder / "private").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 2);  // no temporary files
  CHECK_THROWS_WITH_AS(ReplacedFile(folder / "no" / "file"),
                       ((folder / "no" / "file").string() + ": cannot be written: No such file or directory").c_str(),
                       tapegrad::Error);
  fs::remove_all(folder);
}
