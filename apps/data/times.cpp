#include <tapegrad/apps/data/times.h>

#include <chrono>
#include <cstdint>

#include <fmt/format.h>

namespace tapegrad::apps {

std::string time_text(double time) {
  constexpr double first = 1e8, last = 1e10;
  if (!(time >= first && time < last)) return fmt::format("{}", time);
  namespace chrono = std::chrono;
  const chrono::sys_seconds seconds{chrono::seconds(static_cast<std::int64_t>(time))};
  const auto day = chrono::floor<chrono::days>(seconds);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(seconds - day);
  const std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (seconds == day) return text;
  return fmt::format("{} {:02}:{:02}:{:02}", text, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace tapegrad::apps
