#pragma once

#include <string>

namespace tapegrad::apps {

// The text of a plain or gzip file (told apart by the magic bytes), whole, without a leading UTF-8 byte order mark.
//
// Throws DataError for a missing or unreadable file (with the system's reason), a directory, a damaged or truncated
// gzip stream, UTF-16 and text with NUL bytes.
std::string read_text_file(const std::string& path);

}  // namespace tapegrad::apps
