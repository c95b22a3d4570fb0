#include <tapegrad/apps/training/learning_curves.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

#include <fmt/format.h>

#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/data/xml_text.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

using Curves = std::map<std::string, std::vector<LearningCurves::Point>>;

std::string as_csv(const Curves& curves) {
  std::set<int> epochs;
  std::string text = "epoch";
  for (const auto& [name, points] : curves) {
    text += "," + name;
    for (const LearningCurves::Point& point : points) epochs.insert(point.epoch);
  }
  text += "\n";
  for (const int epoch : epochs) {
    text += std::to_string(epoch);
    for (const auto& [name, points] : curves) {
      const auto point = std::ranges::lower_bound(points, epoch, {}, &LearningCurves::Point::epoch);
      text +=
          point == points.end() || point->epoch != epoch ? "," : fmt::format(",{}", point->value);
    }
    text += "\n";
  }
  return text;
}

// ---- TensorBoard's event files: records of (length, its checksum, bytes, their checksum), the
// bytes a protocol buffer. ---- Source: tensorflow/core/lib/io/record_writer.h and
// tensorflow/core/util/event.proto, summary.proto.

std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

template <class T>
std::string little_endian(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

std::string record(const std::string& bytes) {
  const auto masked = [](const std::string& part) {
    const std::uint32_t crc = crc32c(part);
    return little_endian(((crc >> 15) | (crc << 17)) + 0xA282EAD8u);
  };
  const std::string length = little_endian(static_cast<std::uint64_t>(bytes.size()));
  return length + masked(length) + bytes + masked(bytes);
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}

enum WireType : std::uint8_t { number = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
std::string field(int id, WireType type, const std::string& content) {
  const std::string key = varint(static_cast<std::uint64_t>(id) << 3 | type);
  return type == bytes ? key + varint(content.size()) + content : key + content;
}

std::string as_events(const Curves& curves) {
  const std::string no_time = field(1, fixed64, little_endian(std::bit_cast<std::uint64_t>(0.0)));
  std::string text = record(no_time + field(3, bytes, "brain.Event:2"));
  for (const auto& [name, points] : curves) {
    for (const LearningCurves::Point& point : points) {
      const std::string value =
          field(1, bytes, name) +
          field(2, fixed32,
                little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(point.value))));
      text += record(no_time + field(2, number, varint(static_cast<std::uint64_t>(point.epoch))) +
                     field(5, bytes, field(1, bytes, value)));
    }
  }
  return text;
}

}  // namespace

std::string curves_as_svg(const Curves& curves) {
  constexpr double width = 480.0, height = 240.0, left = 70.0, right = 20.0, top = 40.0,
                   bottom = 40.0;
  const double total = height * static_cast<double>(std::max<std::size_t>(1, curves.size()));
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, total);
  double offset = 0.0;
  for (const auto& [name, points] : curves) {
    double low = INFINITY, high = -INFINITY;
    int first = points.empty() ? 0 : points.front().epoch, last = first + 1;
    for (const LearningCurves::Point& point : points) {
      if (!std::isfinite(point.value)) continue;
      low = std::min(low, point.value);
      high = std::max(high, point.value);
      last = std::max(last, point.epoch);
    }
    if (!(low < high)) high = (low = std::isfinite(low) ? low - 0.5 : 0.0) + 1.0;
    const auto x = [&](int epoch) {
      return left + (width - left - right) * (epoch - first) / std::max(1, last - first);
    };
    const auto y = [&](double value) {
      return offset + height - bottom - (height - top - bottom) * (value - low) / (high - low);
    };
    text += fmt::format("<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", left,
                        offset + 25.0, xml_text(name));
    text += fmt::format("<path d=\"M{} {}V{}H{}\" fill=\"none\" stroke=\"black\"/>\n", left,
                        offset + top, offset + height - bottom, width - right);
    for (const double value : {low, high})
      text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.4g}</text>\n", left - 6.0,
                          y(value) + 4.0, value);
    for (const int epoch : {first, last})
      text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x(epoch),
                          offset + height - 20.0, epoch);
    text += "<polyline fill=\"none\" stroke=\"#1f6fb4\" stroke-width=\"1.5\" points=\"";
    for (const LearningCurves::Point& point : points) {
      if (std::isfinite(point.value))
        text += fmt::format("{:.1f},{:.1f} ", x(point.epoch), y(point.value));
    }
    text += "\"/>\n";
    offset += height;
  }
  return text + "</svg>\n";
}

void LearningCurves::write(const std::string& prefix) const {
  write_text_file(prefix + ".csv", as_csv(curves_));
  write_text_file(prefix + ".svg", curves_as_svg(curves_));
  write_text_file(prefix + ".tfevents", as_events(curves_));
}

}  // namespace tapegrad::apps
