// Text in XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace tapegrad::apps {

// The text as it stands between tags and in attributes. What is no printable UTF-8 is shown as
// printable() shows it.
std::string xml_text(std::string_view text);

}  // namespace tapegrad::apps
