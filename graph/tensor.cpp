#include <tapegrad/graph/tensor.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {

void Tensor::throw_empty() { throw TapeError("the tensor is empty: it was never recorded"); }

const Shape& Tensor::shape() const {
  tape().check(*this, "shape");
  return tape_->type_of(node_).shape;
}

Dtype Tensor::dtype() const {
  tape().check(*this, "dtype");
  return tape_->type_of(node_).dtype;
}

const void* Tensor::data(Dtype dtype) const {
  tape().check(*this, "values");
  if (tape_->type_of(node_).dtype != dtype) {
    throw ShapeError(fmt::format("the tensor holds {}, asked for {}; {}",
                                 name_of(tape_->type_of(node_).dtype), name_of(dtype),
                                 tape_->place_of(node_)));
  }
  return tape_->value(*this);
}

double Tensor::item() const {
  if (shape().size() != 1) {
    throw ShapeError(fmt::format("item: the tensor must have one element, got shape {}; {}",
                                 shape().to_string(), tape_->place_of(node_)));
  }
  return copy().at(0);
}

Array Tensor::copy() const {
  Array array(shape(), dtype());
  const void* from = tape_->value(*this);
  copy_bytes(array.data(), from, array.bytes());
  return array;
}

}  // namespace tapegrad
