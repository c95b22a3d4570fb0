// Convolutions of images by oneDNN's direct kernels, which read images as they are: no patches are
// copied.
#pragma once

#include <cstdint>
#include <memory>

#include <tapegrad/graph/scratch.h>
#include <tapegrad/ops/image_columns.h>
#include <tapegrad/ops/one_openmp_thread.h>

namespace tapegrad {

// One of the three products of a convolution: its output, and the two gradients. Which it is says
// what it computes; the other two are given.
enum class ConvolutionProduct : std::uint8_t { output, images, weights };

// A product that is computed for a fixed number of images at a time, on one thread. It belongs to
// the thread that asked for it. oneDNN's kernels have the channels of a place beside each other:
// what is given and what is computed are turned around on the way, so that tensors keep their
// order of axes.
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
  // which takes milliseconds. The thread remembers those of the last sizes that it asked for.
  static std::shared_ptr<DirectConvolution> find(const image_columns::Layout& layout,
                                                 const Part& part);

  DirectConvolution(const DirectConvolution&) = delete;
  DirectConvolution& operator=(const DirectConvolution&) = delete;
  ~DirectConvolution();

  class Run;

 private:
  struct Library;
  explicit DirectConvolution(std::unique_ptr<Library> library);
  std::unique_ptr<Library> library_;
};

// Some products in a row. No other run of the thread may begin before this one ends.
class DirectConvolution::Run {
 public:
  explicit Run(DirectConvolution& convolution);
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
  Library& library_;
  ScratchBlock memory_;
};

}  // namespace tapegrad
