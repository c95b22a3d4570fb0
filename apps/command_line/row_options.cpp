#include <tapegrad/apps/command_line/row_options.h>

namespace tapegrad::apps {

const char* value_name(ModelOption::Kind kind) {
  switch (kind) {
    case ModelOption::Kind::whole:
      return "N";
    case ModelOption::Kind::number:
      return "NUMBER";
    case ModelOption::Kind::word:
      return "NAME";
    case ModelOption::Kind::widths:
      return "WIDTHS";
  }
  return "VALUE";
}

void set_option(ModelSettings& settings, const ModelOption& option, const std::string& text) {
  try {
    settings.set(option, text);
  } catch (const OptionError& error) {
    throw OptionError(fmt::format("--{}", error.what()));
  }
}

}  // namespace tapegrad::apps
