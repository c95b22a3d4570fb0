#include <tapegrad/apps/data/xml_text.h>

#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

std::string xml_text(std::string_view text) {
  std::string result;
  for (const char character : printable(text)) {
    if (character == '&')
      result += "&amp;";
    else if (character == '<')
      result += "&lt;";
    else if (character == '"')
      result += "&quot;";
    else
      result += character;
  }
  return result;
}

}  // namespace tapegrad::apps
