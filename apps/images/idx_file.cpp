#include <tapegrad/apps/images/idx_file.h>

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/file_bytes.h>

namespace tapegrad::apps {
namespace {

// The path without an ending ".gz".
std::string plain_name(const std::string& path) {
  return path.ends_with(".gz") ? path.substr(0, path.size() - 3) : path;
}

std::size_t number_at(const std::string& bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

}  // namespace

bool is_idx_name(const std::string& path) { return plain_name(path).ends_with("-ubyte"); }

// Two zeros, the type, the number of axes, their extents as big-endian numbers, the elements.
IdxArray read_idx(const std::string& path, std::size_t max_unpacked) {
  IdxArray array;
  array.bytes = read_unpacked(path, max_unpacked);
  const std::string& bytes = array.bytes;
  const auto refuse = [&](const std::string& got) {
    throw DataError(fmt::format("{}: expected an IDX file of unsigned bytes, got {}", path, got));
  };
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) refuse("something else");
  constexpr char unsigned_byte = 8;
  if (bytes[2] != unsigned_byte) refuse("elements of another type");
  const auto axes = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3]));
  const std::size_t header = 4 + 4 * axes;
  if (axes < 1 || axes > 4 || bytes.size() < header) refuse("another header");
  std::size_t expected = 1;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::size_t extent = number_at(bytes, 4 + 4 * axis);
    array.shape.push_back(static_cast<Index>(extent));
    if (extent != 0 && expected > bytes.size() / extent) refuse("fewer elements than it names");
    expected *= extent;
  }
  if (bytes.size() - header != expected)
    refuse(fmt::format("{} elements instead of {}", bytes.size() - header, expected));
  array.bytes.erase(0, header);
  return array;
}

std::string labels_beside(const std::string& path) {
  const std::filesystem::path whole(plain_name(path));
  std::string name = whole.filename().string();
  for (const auto& [from, to] : {std::pair("images", "labels"), std::pair("idx3", "idx1")}) {
    const std::size_t at = name.rfind(from);
    if (at == std::string::npos) return {};
    name.replace(at, std::string(from).size(), to);
  }
  const std::string plain = (whole.parent_path() / name).string();
  for (const std::string& found : {plain, plain + ".gz"}) {
    if (std::filesystem::exists(found)) return found;
  }
  return {};
}

}  // namespace tapegrad::apps
