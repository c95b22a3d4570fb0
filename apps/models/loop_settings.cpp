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

// And for those that few trainings have.
template <class Loop, class Visit>
void for_each_rare_setting(Loop& loop, const Visit& visit) {
  visit(settings::momentum, loop.momentum);
  visit(settings::l1, loop.l1);
}
constexpr const char* optimizer = "optimizer";

}  // namespace

void put_loop(nn::WeightFile& file, const LoopOptions& loop) {
  for_each_setting(
      loop, [&](const auto& setting, const auto& value) { put_setting(file, setting, value); });
  // What few trainings have is kept where it is not as usual: files without it mean the usual.
  const LoopOptions usual;
  if (loop.optimizer != usual.optimizer) put_label(file, optimizer, loop.optimizer);
  for_each_rare_setting(loop, [&](const auto& setting, double value) {
    if (loop_option(usual, setting.name) != loop_option(loop, setting.name))
      put_setting(file, setting, value);
  });
}

LoopOptions get_loop(const nn::WeightFile& file) {
  LoopOptions loop;
  for_each_setting(loop,
                   [&](const auto& setting, auto& value) { value = get_setting(file, setting); });
  if (file.metadata.contains(optimizer))
    set_loop_option(loop, optimizer, get_label(file, optimizer));
  for_each_rare_setting(loop, [&](const auto& setting, double& value) {
    if (file.metadata.contains(setting.name)) value = get_setting(file, setting);
  });
  return loop;
}

std::vector<std::string> loop_option_names() {
  std::vector<std::string> names;
  LoopOptions loop;
  const auto add = [&](const auto& setting, const auto&) { names.push_back(setting.name); };
  for_each_setting(loop, add);
  for_each_rare_setting(loop, add);
  names.push_back(optimizer);
  return names;
}

void set_loop_option(LoopOptions& loop, const std::string& name, const std::string& text) {
  bool is_known = name == optimizer;
  if (is_known) {
    check_optimizer(text);
    loop.optimizer = text;
  }
  const auto set = [&](const auto& setting, auto& value) {
    if (setting.name != name) return;
    value = setting.parse(text);
    is_known = true;
  };
  for_each_setting(loop, set);
  for_each_rare_setting(loop, set);
  if (!is_known) throw OptionError(fmt::format("the training loop has no option {}", name));
}

std::string loop_option(const LoopOptions& loop, const std::string& name) {
  std::string text = name == optimizer ? loop.optimizer : "";
  const auto look = [&](const auto& setting, const auto& value) {
    if (setting.name == name) text = fmt::format("{}", value);
  };
  for_each_setting(loop, look);
  for_each_rare_setting(loop, look);
  if (text.empty()) throw OptionError(fmt::format("the training loop has no option {}", name));
  return text;
}

}  // namespace tapegrad::apps
