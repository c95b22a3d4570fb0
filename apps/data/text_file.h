#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// A gzip file may be a thousand times as large once it is unpacked: so much of it is taken where
// nothing else is said.
inline constexpr std::size_t standard_max_unpacked = std::size_t{2048} << 20;

// Is told how far a file is read or unpacked, in bytes.
using ReadProgress = std::function<void(Index done, Index all)>;

// The text of a plain or gzip file (told apart by the magic bytes), whole, without a leading UTF-8
// byte order mark. The path "-" is standard input.
//
// Throws DataError for a missing or unreadable file (with the system's reason), a directory, a
// damaged or truncated gzip stream, one that unpacks to more than `max_unpacked` bytes, UTF-16 and
// text with NUL bytes. `progress` is told of the unpacking.
std::string read_text_file(const std::string& path,
                           std::size_t max_unpacked = standard_max_unpacked,
                           const ReadProgress& progress = {});

// Puts a file with the text in the place of `path`, whole or not at all (nn::ReplacedFile).
void write_text_file(const std::string& path, const std::string& text);

}  // namespace tapegrad::apps
