// What the engine's tests share.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/random.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/ops/operations.h>

namespace graph_test {

namespace tg = tapegrad;

// An initialiser: uniform in [low, high).
inline tg::Initialiser uniform(double low = -1.0, double high = 1.0) {
  return [low, high](tg::Array& array, tg::Random& random) {
    for (tg::Index i = 0; i < array.size(); ++i) array.set(i, random.uniform(low, high));
  };
}

// An initialiser: these numbers.
inline tg::Initialiser numbers(std::vector<double> values) {
  return [values](tg::Array& array, tg::Random&) {
    for (tg::Index i = 0; i < array.size(); ++i)
      array.set(i, values.at(static_cast<std::size_t>(i)));
  };
}

inline std::vector<double> numbers_of(const tg::Array& array) {
  std::vector<double> values;
  for (tg::Index i = 0; i < array.size(); ++i) values.push_back(array.at(i));
  return values;
}
inline std::vector<double> numbers_of(const tg::Tensor& tensor) {
  return numbers_of(tensor.copy());
}

inline tg::Array array_of(std::vector<double> values, const tg::Shape& shape,
                          tg::Dtype dtype = tg::Dtype::float32) {
  return tg::Array::from(std::span<const double>(values), shape).to(dtype);
}

inline tg::Tensor some_ids(tg::Tape& tape, std::vector<tg::Index> ids) {
  return tape.ids(std::span<const tg::Index>(ids));
}

// Uniform in [-1, 1).
inline tg::Tensor random_input(tg::Tape& tape, const tg::Shape& shape, std::uint64_t seed = 3) {
  tg::Random random(seed);
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (double& value : values) value = random.uniform(-1.0, 1.0);
  return tape.input(values, shape);
}

// The largest |a - b| / max(1, |a|); infinity for other shapes and for NaN on one side only.
inline double distance(const tg::Array& a, const tg::Array& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double worst = 0.0;
  for (tg::Index i = 0; i < a.size(); ++i) {
    const double x = a.at(i);
    const double y = b.at(i);
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double error = std::abs(x - y) / std::max(1.0, std::abs(x));
    worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
  }
  return worst;
}

// What `action` throws, as "TypeOfError: message"; "nothing" if it does not throw.
inline std::string thrown(const std::function<void()>& action) {
  try {
    action();
  } catch (const tg::ShapeError& error) {
    return std::string("ShapeError: ") + error.what();
  } catch (const tg::ValueError& error) {
    return std::string("ValueError: ") + error.what();
  } catch (const tg::TapeError& error) {
    return std::string("TapeError: ") + error.what();
  } catch (const tg::ExecutionError& error) {
    return std::string("ExecutionError: ") + error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "nothing";
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// "w3" for "w" and 3. (GCC 12 warns falsely about text + std::to_string(i).)
inline std::string numbered(std::string name, int number) {
  return std::move(name.append(std::to_string(number)));
}

// "FILE:LINE" of a line of this test.
inline std::string at_line(const char* file, int line) {
  return std::string("at ") + file + ":" + std::to_string(line);
}

}  // namespace graph_test
