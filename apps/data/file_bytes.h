// The bytes of files, plain or gzip.
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

// The bytes of a file as they are. The path "-" is standard input; pipes are read, too, such as a
// shell's <(command). Throws DataError for a missing or unreadable file (with the system's reason)
// and for a directory.
std::string read_file(const std::string& path);

// The same, unpacked if it is a gzip file, which is told by its first bytes. Throws DataError for a
// damaged or truncated one, too, and for one that unpacks to more than `max_unpacked` bytes.
// `progress` is told of the unpacking.
std::string read_unpacked(const std::string& path, std::size_t max_unpacked = standard_max_unpacked,
                          const ReadProgress& progress = {});

}  // namespace tapegrad::apps
