// Keyed hashes in the place of people's ids.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// The first 128 bits of HMAC-SHA-256 (RFC 2104), as 32 hexadecimal digits: the same id has the same
// pseudonym, and without the key nobody finds out whose it is. Small values.
class Pseudonyms {
 public:
  // The key is what the file holds. Throws DataError for a file that cannot be read, or with fewer
  // than 16 bytes.
  static Pseudonyms from_file(const std::string& path);
  explicit Pseudonyms(std::string key) : key_(std::move(key)) {}

  std::string of(std::string_view id) const;
  // All ids under the same numbers.
  IdMap of(const IdMap& ids) const;

  // Tells keys apart, and says nothing about the key.
  std::string check() const { return of("tapegrad: check of the key"); }

 private:
  std::string key_;
};

}  // namespace tapegrad::apps
