#include <tapegrad/apps/images/labelled_images.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/class_attributes.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/images/idx_file.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_list.h>

namespace tapegrad::apps {
namespace {

// How many pictures are looked at to find their shape.
constexpr std::size_t probes = 64;
// The largest size that is chosen without being asked for.
constexpr Index largest_found = 64;

bool has_colours(const Image& image) {
  if (image.channels == 1) return false;
  for (std::size_t at = 0; at + 3 <= image.values.size(); at += 3) {
    if (image.values[at] != image.values[at + 1] || image.values[at] != image.values[at + 2])
      return true;
  }
  return false;
}

// Finds what of the shape is open; `image` gives a picture, or nothing for one that cannot be read.
template <class GetImage>
ImageShape found_shape(ImageShape shape, std::size_t count, const GetImage& image) {
  if (shape.channels != 0 && shape.size != 0) return shape;
  Index largest = 1, channels = 1;
  const std::size_t looked = std::min(count, probes);
  for (std::size_t i = 0; i < looked; ++i) {
    const std::optional<Image> one = image(i * count / looked);
    if (!one) continue;
    largest = std::max({largest, one->width, one->height});
    if (has_colours(*one)) channels = 3;
  }
  if (shape.channels == 0) shape.channels = channels;
  if (shape.size == 0) shape.size = std::min(largest, largest_found);
  return shape;
}

// Reads the pictures of a list; of those that cannot be read all that is known of them is left out.
void read_list(ImageList list, const LabelledImageOptions& options, LabelledImages& all) {
  const std::size_t count = list.paths.size();
  std::vector<std::string> faults(count);
  const auto read = [&](std::size_t i) -> std::optional<Image> {
    try {
      return read_image(list.paths[i], options.max_pixels);
    } catch (const DataError& error) {
      faults[i] = error.what();
      return {};
    }
  };
  all.images.shape = found_shape(all.images.shape, count, read);
  const ImageShape shape = all.images.shape;
  std::vector<unsigned char> values(count * static_cast<std::size_t>(shape.numbers()));
  parallel_ranges(static_cast<Index>(count), 1, options.threads, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const std::optional<Image> image = read(static_cast<std::size_t>(i));
      if (image) std::ranges::copy(fitted(*image, shape), values.begin() + i * shape.numbers());
    }
  });
  std::vector<std::size_t> sound;
  for (std::size_t i = 0; i < count; ++i) {
    if (faults[i].empty())
      sound.push_back(i);
    else
      all.bad.push_back(std::move(faults[i]));
  }
  if (!all.bad.empty() && !options.skip_bad_images)
    throw DataError(all.bad.front() +
                    (all.bad.size() == 1
                         ? std::string()
                         : fmt::format("; there are {} more such pictures", all.bad.size() - 1)) +
                    ": --skip-bad-images leaves them out");
  for (std::size_t t = 0; t < list.labels.size(); ++t) {
    if (all.labels.size() <= t) all.labels.push_back({list.labels[t].name, {}});
    for (const std::size_t i : sound)
      all.labels[t].fields.push_back(std::move(list.labels[t].fields[i]));
  }
  for (const std::size_t i : sound) {
    all.ids.push_back(std::move(list.ids[i]));
    const auto from = values.begin() + static_cast<Index>(i) * shape.numbers();
    all.images.values.insert(all.images.values.end(), from, from + shape.numbers());
  }
  all.without_label += list.without_label;
  all.other_files += list.other_files;
}

std::vector<std::string> idx_labels(const std::string& path, Index count, std::size_t most) {
  const std::string beside = labels_beside(path);
  if (beside.empty())
    throw DataError(fmt::format(
        "{}: expected the file of its labels beside it, named with labels-idx1 for images-idx3",
        path));
  const IdxArray labels = read_idx(beside, most);
  if (labels.shape.size() != 1 || labels.shape.front() != count)
    throw DataError(fmt::format("{}: expected {} labels, one for each picture, got {}", beside,
                                count, labels.shape.front()));
  std::vector<std::string> names;
  for (const char byte : labels.bytes)
    names.push_back(std::to_string(static_cast<int>(static_cast<unsigned char>(byte))));
  return names;
}

void read_idx_images(const std::string& path, const LabelledImageOptions& options,
                     LabelledImages& all) {
  const std::size_t most = options.table.source.max_unpacked;
  const IdxArray array = read_idx(path, most);
  const std::size_t axes = array.shape.size();
  if ((axes != 3 && !(axes == 4 && (array.shape[3] == 1 || array.shape[3] == 3))) ||
      array.shape[1] == 0 || array.shape[2] == 0)
    throw DataError(fmt::format(
        "{}: expected pictures with pixels, as three axes or as four with 1 or 3 channels", path));
  const Index count = array.shape[0], channels = axes == 4 ? array.shape[3] : 1;
  const auto numbers = static_cast<std::size_t>(array.shape[1] * array.shape[2] * channels);
  const auto image = [&](std::size_t i) -> std::optional<Image> {
    const char* from = array.bytes.data() + i * numbers;
    return Image{.width = array.shape[2],
                 .height = array.shape[1],
                 .channels = channels,
                 .values = std::vector<unsigned char>(from, from + numbers)};
  };
  all.images.shape = found_shape(all.images.shape, static_cast<std::size_t>(count), image);
  for (Index i = 0; i < count; ++i) {
    const std::vector<unsigned char> own =
        fitted(*image(static_cast<std::size_t>(i)), all.images.shape);
    all.images.values.insert(all.images.values.end(), own.begin(), own.end());
    all.ids.push_back(std::to_string(all.ids.size() + 1));
  }
  if (!options.needs_labels) return;
  if (all.labels.empty()) all.labels.push_back({"class", {}});
  std::vector<std::string> names = idx_labels(path, count, most);
  std::ranges::move(names, std::back_inserter(all.labels.front().fields));
}

enum class Kind { folder, idx, table };

Kind kind_of(const std::string& location) {
  if (is_file(location) && std::filesystem::is_directory(location)) return Kind::folder;
  return is_file(location) && is_idx_name(location) ? Kind::idx : Kind::table;
}

}  // namespace

LabelledImages read_labelled_images(std::span<const std::string> locations,
                                    const LabelledImageOptions& options) {
  LabelledImages all;
  all.images.shape = options.shape;
  const Kind kind = kind_of(locations.front());
  for (const std::string& location : locations) {
    if (kind_of(location) != kind)
      throw DataError(fmt::format("{}: expected sources of one kind, folders, IDX files or tables",
                                  displayed(location)));
  }
  if (kind == Kind::table) {
    read_list(list_table(locations, options), options, all);
  } else {
    if (!options.image_column.empty() || !options.id_column.empty() ||
        (!options.label_columns.empty() && options.attributes.empty() && options.needs_labels))
      throw OptionError(fmt::format("{} has no columns to choose from", locations.front()));
    for (const std::string& location : locations) {
      if (kind == Kind::folder)
        read_list(list_folder(location, options.needs_labels), options, all);
      else
        read_idx_images(location, options, all);
    }
  }
  if (all.images.count() == 0)
    throw DataError(fmt::format("{}: expected pictures, got none", displayed_all(locations)));
  if (!options.attributes.empty() && options.needs_labels)
    all.labels = attributes_of(all.labels.front().fields, options.attributes, options.label_columns,
                               options.table);
  return all;
}

}  // namespace tapegrad::apps
