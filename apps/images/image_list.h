// Where pictures and their labels are.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/images/labelled_images.h>

namespace tapegrad::apps {

// Pictures in files of their own, with a label of each by column.
struct ImageList {
  std::vector<std::string> paths, ids;
  std::vector<NamedColumn> labels;
  Index without_label = 0;
  Index other_files = 0;
};

// The pictures in a folder and in the folders within, in the order of their names. With
// `needs_labels` each must be in a folder within, whose name is its class.
ImageList list_folder(const std::string& folder, bool needs_labels);

// The pictures that tables name.
ImageList list_table(std::span<const std::string> locations, const LabelledImageOptions& options);

}  // namespace tapegrad::apps
