#pragma once

#include <cstddef>
#include <string>

#include <tapegrad/apps/data/file_bytes.h>

namespace tapegrad::apps {

// The text of a plain or gzip file (told apart by the magic bytes), whole, without a leading UTF-8
// byte order mark. The path "-" is standard input.
//
// Throws DataError as read_unpacked() does, and for UTF-16 and text with NUL bytes.
std::string read_text_file(const std::string& path,
                           std::size_t max_unpacked = standard_max_unpacked,
                           const ReadProgress& progress = {});

// Puts a file with the text in the place of `path`, whole or not at all (nn::ReplacedFile).
void write_text_file(const std::string& path, const std::string& text);

}  // namespace tapegrad::apps
