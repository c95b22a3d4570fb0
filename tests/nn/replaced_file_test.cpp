// Files that are written whole or not at all.
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/replaced_file.h>

namespace {

namespace fs = std::filesystem;
using tapegrad::nn::FileLock;
using tapegrad::nn::ReplacedFile;

// Of its own for each test, and gone at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() / ("tapegrad-" + name + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }
  long files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const tapegrad::Error& error) {
    return error.what();
  }
  return "";
}

// In a process of its own; gives its exit code, or the signal that ended it, negative.
int in_child(const auto& action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

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
  CHECK(fs::status(folder / "private").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  // No temporary files.
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 2);
  CHECK_THROWS_WITH_AS(
      ReplacedFile(folder / "no" / "file"),
      ((folder / "no" / "file").string() + ": cannot be written: No such file or directory")
          .c_str(),
      tapegrad::Error);
  fs::remove_all(folder);
}

TEST_CASE("only the owner can read a file before its commit, and a killed process leaves none") {
  const Folder folder("killed");
  const std::string path = folder.file("file");
  std::ofstream(path) << "old";
  CHECK(in_child([&] {
          ReplacedFile file(path);
          file.write("new", 3);
          for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
            struct stat info {};
            const bool own = ::stat(entry.path().c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
                             info.st_size == 3 &&
                             fs::read_symlink(entry.path()) != fs::path(path) &&
                             fs::read_symlink(entry.path())
                                 .string()
                                 .starts_with(fs::path(path).parent_path().string());
            if (own && (info.st_mode & 0777) != 0600) _exit(1);
          }
          std::raise(SIGKILL);
        }) == -SIGKILL);
  CHECK(contents(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE(
    "what killed processes left is swept by the next writer, and what is in use or of others is "
    "not") {
  const Folder folder("swept");
  const std::string path = folder.file("file");
  const std::string left = folder.file(".file.0123abcd.tmp"),
                    used = folder.file(".file.0123abce.tmp");
  std::ofstream(left) << "left";
  std::ofstream(used) << "in use";
  for (const char* other :
       {".file.tmp", ".other.0123abcd.tmp", "file.0123abcd.tmp", ".file.0123abcd.tmp~"})
    std::ofstream(folder.file(other)) << "of somebody else";
  {
    const FileLock lock(used);
    ReplacedFile(path).commit();
  }
  CHECK(!fs::exists(left));
  CHECK(fs::exists(used));
  CHECK(folder.files() == 6);
}

TEST_CASE("a name as long as names may be is replaced") {
  const Folder folder("long");
  const std::string path = folder.file(std::string(255, 'x'));
  for (const char* text : {"first", "second"}) {
    ReplacedFile file(path);
    file.write(text, std::char_traits<char>::length(text));
    file.commit();
    CHECK(contents(path) == text);
  }
  CHECK(message_of([&] {
          const ReplacedFile file(path + "x");
        }).ends_with("x: cannot be written: File name too long"));
  CHECK(folder.files() == 1);
}

TEST_CASE("what is no regular file is not replaced") {
  const Folder folder("irregular");
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  fs::create_directory(folder.file("folder"));
  CHECK(message_of([&] {
          const ReplacedFile file(folder.file("pipe"));
        }).ends_with("pipe: cannot be written: is not a regular file"));
  CHECK(message_of([&] {
          const ReplacedFile file(folder.file("folder"));
        }).ends_with("folder: cannot be written: Is a directory"));
  CHECK(message_of([&] { const ReplacedFile file("/dev/null"); }).find("is not a regular file") !=
        std::string::npos);
}

TEST_CASE(
    "a lock refuses others, goes with its process, and goes on from a file to the one that "
    "replaces it") {
  const Folder folder("lock");
  const std::string path = folder.file("file");
  const auto is_in_use = [&] {
    return in_child(
               [&] { _exit(message_of([&] { const FileLock lock(path); }).empty() ? 0 : 1); }) == 1;
  };
  { const FileLock of_nothing(path); }
  CHECK(!fs::exists(path));
  FileLock lock = ReplacedFile(path).commit();
  CHECK(is_in_use());
  for (int i = 0; i < 3; ++i) {
    ReplacedFile next(path);
    CHECK(is_in_use());
    lock = next.commit();
    CHECK(is_in_use());
  }
  CHECK(message_of([&] { const FileLock other(path); }) == path + ": is in use by another run");
  lock = FileLock();
  CHECK(!is_in_use());
  CHECK(in_child([&] {
          const FileLock killed(path);
          std::raise(SIGKILL);
        }) == -SIGKILL);
  CHECK(!is_in_use());
  CHECK(folder.files() == 1);
}
