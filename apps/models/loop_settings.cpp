#include <tapegrad/apps/models/loop_settings.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {
namespace {

// Calls `visit(setting, value)` for each number of the loop that is kept.
template <class Loop, class Visit>
void for_each_setting(Loop& loop, const Visit& visit) {
  visit(settings::epochs, loop.epochs);
  visit(settings::learning_rate, loop.learning_rate);
  visit(settings::final_rate, loop.final_rate);
  visit(settings::weight_decay, loop.weight_decay);
  visit(settings::clip_norm, loop.clip_norm);
  visit(settings::average_decay, loop.average_decay);
  visit(settings::average_every, loop.average_every);
  visit(settings::accumulate, loop.accumulate);
}

}  // namespace

void put_loop(nn::WeightFile& file, const LoopOptions& loop) {
  for_each_setting(
      loop, [&](const auto& setting, const auto& value) { put_setting(file, setting, value); });
}

LoopOptions get_loop(const nn::WeightFile& file) {
  LoopOptions loop;
  for_each_setting(loop,
                   [&](const auto& setting, auto& value) { value = get_setting(file, setting); });
  return loop;
}

std::vector<std::string> loop_option_names() {
  std::vector<std::string> names;
  LoopOptions loop;
  for_each_setting(loop, [&](const auto& setting, const auto&) { names.push_back(setting.name); });
  return names;
}

void set_loop_option(LoopOptions& loop, const std::string& name, const std::string& text) {
  bool is_known = false;
  for_each_setting(loop, [&](const auto& setting, auto& value) {
    if (setting.name != name) return;
    value = setting.parse(text);
    is_known = true;
  });
  if (!is_known) throw OptionError(fmt::format("the training loop has no option {}", name));
}

std::string loop_option(const LoopOptions& loop, const std::string& name) {
  std::string text;
  for_each_setting(loop, [&](const auto& setting, const auto& value) {
    if (setting.name == name) text = fmt::format("{}", value);
  });
  if (text.empty()) throw OptionError(fmt::format("the training loop has no option {}", name));
  return text;
}

}  // namespace tapegrad::apps
