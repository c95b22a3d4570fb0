#include <tapegrad/apps/data/csv_field.h>

#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

std::string csv_field(std::string_view text) {
  const bool is_plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                        trimmed(text).size() == text.size();
  if (is_plain) return std::string(text);
  std::string field = "\"";
  for (const char character : text) {
    if (character == '"') field += '"';
    field += character;
  }
  return field + '"';
}

}  // namespace tapegrad::apps
