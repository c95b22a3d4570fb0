// Collections of pictures with labels.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_set.h>

namespace tapegrad::apps {

struct LabelledImageOptions {
  TableOptions table{};
  // Of tables: the column of the pictures' files, by name or number; empty: one with one of the
  // usual names, such as "image" or "file", without a header column 1.
  std::string image_column{};
  // Of tables: the columns of labels; none: one with one of the usual names, without a header
  // column 2.
  std::vector<std::string> label_columns{};
  // A table from classes, in its first column, to attributes: the labels are then the attributes of
  // the class that a picture has, those that label_columns names or all. Empty: none.
  std::string attributes{};
  std::string id_column{};  // of tables; empty: the file is the id
  bool needs_labels = true;
  std::size_t max_pixels = standard_max_pixels;  // of a picture in a file
  bool skip_bad_images = false;  // leave pictures that cannot be read out, instead of throwing
  // What pictures are made alike to. A size of 0 is found out: the largest side, up to 64. So are
  // channels of 0: 3 where a picture has colours. Both look at 64 of the pictures.
  ImageShape shape{.channels = 0, .size = 0};
  int threads = 1;
};

struct LabelledImages {
  ImageSet images;
  std::vector<std::string> ids;     // the file, within a folder from there, or a number from 1 on
  std::vector<NamedColumn> labels;  // none where they are not needed
  Index without_label = 0;          // rows of tables that were left out since a label is blank
  std::vector<std::string> bad;     // why pictures were left out
  Index other_files = 0;            // files in folders whose names do not end as a picture's
};

// Reads pictures from each of the locations, which are all of one kind:
// - a folder, whose folders are the classes of the pictures within; the label is called "class";
// - a file of IDX (idx_file.h), with the file of the labels beside it; "class", too;
// - a table of files, as open_source() takes it; files are searched from the table's folder on.
// Throws DataError for what cannot be read, for labels that are missing, and where no picture is
// left.
LabelledImages read_labelled_images(std::span<const std::string> locations,
                                    const LabelledImageOptions& options);

}  // namespace tapegrad::apps
