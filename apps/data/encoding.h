#pragma once

#include <string>
#include <string_view>

namespace tapegrad::apps {

// How the bytes of a table are read. `detect` takes each field that is not valid UTF-8 for
// ISO-8859-1 (Latin-1).
enum class Encoding { detect, utf8, latin1 };

// Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing
// above U+10FFFF).
bool is_valid_utf8(std::string_view bytes);

// The UTF-8 form of ISO-8859-1 bytes; each byte is one character, so this never fails.
std::string latin1_to_utf8(std::string_view bytes);

}  // namespace tapegrad::apps
