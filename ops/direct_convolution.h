// Convolutions of images by oneDNN's direct kernels, which read images as they are: no patches are
// copied.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <tapegrad/graph/scratch.h>
#include <tapegrad/ops/image_columns.h>
#include <tapegrad/ops/one_openmp_thread.h>

namespace tapegrad {

// One of the three products of a convolution: its output, and the two gradients. Which it is says
// what it computes; the other two are given.
enum class ConvolutionProduct : std::uint8_t { output, images, weights };

// A product that is computed for a fixed number of images at a time, each time on one thread; any
// thread may begin a run. oneDNN's kernels have the channels of a place beside each other: what is
// given and what is computed are turned around on the way, so that tensors keep their order of
// axes.
class DirectConvolution {
 public:
  // What a product is of. The weights' gradient can be made for some of the channels alone.
  struct Part {
    ConvolutionProduct product;
    Index channels = 0;  // how many of the images' channels
    Index images = 1;    // how many at a time
  };
  // Null where oneDNN has no fast kernel, where the product is too small or has groups, where an
  // element is a sum of more than 2,048 terms, which are too many to be added in float, and for
  // sequences (one row of places), whose lengths are many: kernels are made for one size each,
  // which takes milliseconds. Those of the last 256 sizes are remembered.
  static std::shared_ptr<DirectConvolution> find(const image_columns::Layout& layout,
                                                 const Part& part);

  DirectConvolution(const DirectConvolution&) = delete;
  DirectConvolution& operator=(const DirectConvolution&) = delete;
  ~DirectConvolution();

  class Run;

 private:
  struct Library;
  explicit DirectConvolution(std::unique_ptr<Library> library);

  // One for each run at a time. They are made at once for as many threads as may compute, so that
  // steady steps make none.
  std::unique_ptr<Library> lend();
  void take_back(std::unique_ptr<Library> library);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Library>> idle_;
  std::unique_ptr<Library> spare_;  // is never lent: more are made after it
};

// Some products in a row, on one thread.
class DirectConvolution::Run {
 public:
  explicit Run(DirectConvolution& convolution);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  // The weights of the products that follow, [filters, channels, height, width].
  void set_weights(const float* weights);
  // [images, channels, height, width] to [images, filters, height, width].
  void output(const float* images, float* output);
  // The gradient with regard to the images, from that of the output.
  void images(const float* output, float* images);
  // The gradient with regard to the weights, [filters, channels of the part, height, width].
  void weights(const float* images, const float* output, float* weights);

 private:
  void compute();

  OneOpenMpThread one_thread_;
  DirectConvolution& convolution_;
  std::unique_ptr<Library> owned_;
  Library& library_;
  ScratchBlock memory_;
};

}  // namespace tapegrad
