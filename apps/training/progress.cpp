#include <tapegrad/apps/training/progress.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// Of UTF-8, a column a character.
int columns_of(const std::string& text) {
  return static_cast<int>(std::ranges::count_if(text, begins_character));
}

std::string first_columns(const std::string& text, int count) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (begins_character(text[end]) && --count < 0) break;
  }
  return text.substr(0, end);
}

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const std::string& name, double part, std::span<const std::string> notes,
                          int width) {
  constexpr int shortest_bar = 8, longest_bar = 30, frame = 3;
  const std::string percent = fmt::format(" {:3.0f} %", 100.0 * std::clamp(part, 0.0, 1.0));
  int room = std::max(0, width - 1);
  std::string line = first_columns(name, room);
  room -= columns_of(line);
  if (columns_of(percent) > room) return line;
  room -= columns_of(percent);
  int bar = room >= frame + shortest_bar ? shortest_bar : 0;
  if (bar > 0) room -= frame + bar;
  std::string beside;
  for (const std::string& note : notes) {
    if (2 + columns_of(note) > room) break;
    beside += "  " + note;
    room -= 2 + columns_of(note);
  }
  if (bar > 0) {
    bar += std::clamp(room, 0, longest_bar - bar);
    const int filled = static_cast<int>(std::clamp(part, 0.0, 1.0) * bar);
    line += fmt::format(" [{}{}]", std::string(static_cast<std::size_t>(filled), '#'),
                        std::string(static_cast<std::size_t>(bar - filled), '.'));
  }
  return line + percent + beside;
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::begin(const std::string& name) {
  name_ = printable(name);
  start_ = shown_ = Clock::now();
  if (quiet_ || !terminal_) return;
  is_open_ = true;
  std::fputs(fmt::format("\r{}\033[K", first_columns(name_, terminal_width() - 1)).c_str(), stderr);
}

bool Progress::is_due() {
  return !quiet_ && terminal_ && Clock::now() - shown_ >= std::chrono::milliseconds(100);
}

void Progress::update(Index done, Index all) {
  if (!is_due()) return;
  if (all > 0)
    show(done, all, "");
  else
    show_count(done);
}

void Progress::show_count(Index done) {
  shown_ = Clock::now();
  is_open_ = true;
  const std::string line = fmt::format("{}  {}", name_, done);
  std::fputs(fmt::format("\r{}\033[K", first_columns(line, terminal_width() - 1)).c_str(), stderr);
}

void Progress::update(Index done, Index all, double loss) {
  if (!is_due()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  show(done, all,
       fmt::format("loss {:.4f}  {:.0f} samples/s", loss, static_cast<double>(done) / seconds));
}

void Progress::update_part(const std::string& what, Index done, Index all) {
  const bool is_new = what != doing_;
  doing_ = what;
  if (is_due() || (is_new && !quiet_ && terminal_)) show(done, all, what, false);
}

void Progress::show(Index done, Index all, std::string note, bool with_time_left) {
  shown_ = Clock::now();
  is_open_ = true;
  const double seconds = std::chrono::duration<double>(shown_ - start_).count();
  const double part = all > 0 ? static_cast<double>(done) / static_cast<double>(all) : 1.0;
  std::vector<std::string> notes;
  if (!note.empty()) notes.push_back(std::move(note));
  if (with_time_left && part > 0.0)
    notes.push_back(fmt::format("{:.0f} s left", std::max(0.0, seconds / part - seconds)));
  std::fputs(fmt::format("\r{}\033[K", progress_line(name_, part, notes, terminal_width())).c_str(),
             stderr);
}

void Progress::end(const std::string& text) {
  if (quiet_) return;
  is_open_ = false;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  std::fputs(fmt::format("{}{}: {} ({:.1f} s){}\n", terminal_ ? "\r" : "", name_, text, seconds,
                         terminal_ ? "\033[K" : "")
                 .c_str(),
             stderr);
}

void Progress::warn(const std::string& text) {
  std::fputs(fmt::format("{}warning: {}{}\n", terminal_ ? "\r" : "", printable(text),
                         terminal_ ? "\033[K" : "")
                 .c_str(),
             stderr);
}

void Progress::clear() {
  if (is_open_) std::fputs("\r\033[K", stderr);
  is_open_ = false;
}

}  // namespace tapegrad::apps
