#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  return '"' + printable(text, longest) + '"';
}

}  // namespace tapegrad::apps
