// IDX, the format of MNIST and of Fashion-MNIST.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct IdxArray {
  std::vector<Index> shape;  // one to four axes
  std::string bytes;         // the elements, the last axis next to each other
};

// Whether a file, plain or gzip, is named as those of the format are: with "-ubyte" at its end.
bool is_idx_name(const std::string& path);

// A file of unsigned bytes. Throws DataError as read_unpacked() does, for elements of another type,
// and for a file that is not as long as its header says.
IdxArray read_idx(const std::string& path, std::size_t max_unpacked);

// The file of labels beside a file of pictures: "labels-idx1" in place of "images-idx3", with or
// without ".gz". Empty where there is none.
std::string labels_beside(const std::string& path);

}  // namespace tapegrad::apps
