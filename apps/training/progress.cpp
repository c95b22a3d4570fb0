#include <tapegrad/apps/training/progress.h>

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::begin(const std::string& name) {
  name_ = name;
  start_ = shown_ = Clock::now();
}

void Progress::update(Index done, Index all, double loss) {
  const auto now = Clock::now();
  if (quiet_ || !terminal_ || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  constexpr int width = 30;
  const double part = all > 0 ? static_cast<double>(done) / static_cast<double>(all) : 1.0;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / seconds;
  const auto filled = static_cast<int>(part * width);
  const std::string line =
      fmt::format("\r{} [{}{}] {:3.0f} %  loss {:.4f}  {:.0f} samples/s  {:.0f} s left\033[K", name_,
                  std::string(static_cast<std::size_t>(filled), '#'), std::string(static_cast<std::size_t>(width - filled), '.'),
                  part * 100.0, loss, rate, static_cast<double>(all - done) / rate);
  std::fputs(line.c_str(), stderr);
}

void Progress::end(const std::string& text) {
  if (quiet_) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  std::fputs(
      fmt::format("{}{}: {} ({:.1f} s){}\n", terminal_ ? "\r" : "", name_, text, seconds, terminal_ ? "\033[K" : "").c_str(),
      stderr);
}

void Progress::warn(const std::string& text) {
  std::fputs(fmt::format("{}warning: {}{}\n", terminal_ ? "\r" : "", printable(text), terminal_ ? "\033[K" : "").c_str(), stderr);
}

}  // namespace tapegrad::apps
