// What tapegrad throws. Every message is one line that says what was expected, what came, and
// where.
#pragma once

#include <stdexcept>
#include <string>

namespace tapegrad {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Shapes, axes or element types that do not fit an operation.
class ShapeError : public Error {
 public:
  using Error::Error;
};

// An argument outside of what is allowed: an id out of range, whether it is found when the
// operation is recorded or when it runs, a name taken twice, a file that does not hold what it
// should.
class ValueError : public Error {
 public:
  using Error::Error;
};

// A tape used against its contract: a tensor after clear(), tensors of two tapes, parameters
// changed or gone since they were recorded.
class TapeError : public Error {
 public:
  using Error::Error;
};

// A node that failed while a plan ran, for another reason than a value that is not allowed. The
// tape stays usable.
class ExecutionError : public Error {
 public:
  using Error::Error;
};

// Memory that the system does not give.
class MemoryError : public Error {
 public:
  using Error::Error;
};

}  // namespace tapegrad
