// A library to be loaded before a program (LD_PRELOAD), which counts the program's system calls on
// the files of one folder and lets something happen at one of them. The environment says what:
//   FAULT_FOLDER   the folder
//   FAULT_CALLS    what is counted, such as "write,fsync"; all if not given: open, write, fsync,
//   fchmod, flock, linkat, renameat,
//                  unlinkat
//   FAULT_AT       the number of the call, from 1
//   FAULT          kill: the process is killed before it; tear: it does half of its work (a write)
//   before; or the number of the
//                  error that it gives
//   FAULT_STAYS    if given, all later calls that are counted give the error, too
//   FAULT_NAMED    if given, files without a name cannot be made, as on some file systems
//   FAULT_COUNT    a file that the number of calls is written to at the end
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::string_view setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string_view() : text;
}

// The function that the program would have called without this library.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

constexpr int most_files = 1024;
std::atomic<bool> watched[most_files];  // by number
std::atomic<long> calls{0};

bool is_watched(int file) { return file >= 0 && file < most_files && watched[file]; }

bool is_watched(int folder, const char* path) {
  const std::string_view wanted = setting("FAULT_FOLDER");
  if (wanted.empty()) return false;
  return path[0] == '/' ? std::string_view(path).starts_with(wanted) : is_watched(folder);
}

bool is_counted(std::string_view call) {
  const std::string_view wanted = setting("FAULT_CALLS");
  return wanted.empty() ||
         ("," + std::string(wanted) + ",").find("," + std::string(call) + ",") != std::string::npos;
}

enum class Fault { none, error, tear };

// What happens to this call. Does not return where the process is killed.
Fault fault_at(std::string_view call) {
  if (!is_counted(call)) return Fault::none;
  const long number = ++calls;
  const std::string_view at = setting("FAULT_AT"), fault = setting("FAULT");
  const long wanted = at.empty() ? 0 : std::atol(at.data());
  if (wanted == 0 || number < wanted || (number > wanted && setting("FAULT_STAYS").empty()))
    return Fault::none;
  if (fault == "tear" && call == "write") return Fault::tear;
  if (fault == "kill" || fault == "tear") kill(getpid(), SIGKILL);
  errno = std::atoi(fault.data());
  return Fault::error;
}

int opened(int file, bool watch) {
  if (file >= 0 && file < most_files) watched[file] = watch;
  return file;
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  const bool watch = is_watched(folder, path);
  const bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
  if (watch && nameless && !setting("FAULT_NAMED").empty()) {
    errno = EOPNOTSUPP;
    return -1;
  }
  if (watch && fault_at("open") == Fault::error) return -1;
  static auto* const call = real<int(int, const char*, int, ...)>("openat");
  return opened(call(folder, path, flags, mode), watch);
}

mode_t mode_of(int flags, std::va_list arguments) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

struct Report {
  ~Report() {
    const std::string_view path = setting("FAULT_COUNT");
    if (path.empty()) return;
    if (std::FILE* file = std::fopen(path.data(), "w")) {
      std::fprintf(file, "%ld\n", calls.load());
      std::fclose(file);
    }
  }
} report;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}

int close(int file) {
  opened(file, false);
  return real<int(int)>("close")(file);
}

ssize_t write(int file, const void* bytes, size_t count) {
  const Fault fault = is_watched(file) ? fault_at("write") : Fault::none;
  if (fault == Fault::error) return -1;
  static auto* const call = real<ssize_t(int, const void*, size_t)>("write");
  const ssize_t written = call(file, bytes, fault == Fault::tear ? count / 2 : count);
  if (fault == Fault::tear) kill(getpid(), SIGKILL);
  return written;
}

int fsync(int file) {
  if (is_watched(file) && fault_at("fsync") == Fault::error) return -1;
  return real<int(int)>("fsync")(file);
}

int fchmod(int file, mode_t mode) {
  if (is_watched(file) && fault_at("fchmod") == Fault::error) return -1;
  return real<int(int, mode_t)>("fchmod")(file, mode);
}

int flock(int file, int operation) {
  if (is_watched(file) && fault_at("flock") == Fault::error) return -1;
  return real<int(int, int)>("flock")(file, operation);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  if (is_watched(to_folder, to) && fault_at("linkat") == Fault::error) return -1;
  return real<int(int, const char*, int, const char*, int)>("linkat")(from_folder, from, to_folder,
                                                                      to, flags);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  if (is_watched(to_folder, to) && fault_at("renameat") == Fault::error) return -1;
  return real<int(int, const char*, int, const char*)>("renameat")(from_folder, from, to_folder,
                                                                   to);
}

int unlinkat(int folder, const char* path, int flags) {
  if (is_watched(folder, path) && fault_at("unlinkat") == Fault::error) return -1;
  return real<int(int, const char*, int)>("unlinkat")(folder, path, flags);
}

}  // extern "C"
