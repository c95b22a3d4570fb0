#include <tapegrad/apps/data/pseudonyms.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

Pseudonyms Pseudonyms::from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(fmt::format("{}: the key cannot be read", path));
  std::string key((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr std::size_t shortest = 16;
  if (key.size() < shortest)
    throw DataError(
        fmt::format("{}: expected a key of {} bytes or more, got {}", path, shortest, key.size()));
  return Pseudonyms(std::move(key));
}

std::string Pseudonyms::of(std::string_view id) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest.data(),
           &length) == nullptr)
    throw std::runtime_error("a pseudonym could not be computed");
  std::string text;
  constexpr std::size_t kept = 16;
  for (std::size_t i = 0; i < kept; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

IdMap Pseudonyms::of(const IdMap& ids) const {
  IdMap all;
  for (Index i = 0; i < ids.size(); ++i) all.insert(of(ids.name(i)));
  return all;
}

}  // namespace tapegrad::apps
