// Operators with a number on one side.
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {

Tensor operator+(const Located& x, double y) { return add(x, scalar_like(x, y)); }
Tensor operator+(double x, const Located& y) { return add(y, scalar_like(y, x)); }
Tensor operator-(const Located& x, double y) { return subtract(x, scalar_like(x, y)); }
Tensor operator-(double x, const Located& y) { return subtract({scalar_like(y, x), y.line}, y); }
Tensor operator*(const Located& x, double y) { return multiply(x, scalar_like(x, y)); }
Tensor operator*(double x, const Located& y) { return multiply(y, scalar_like(y, x)); }
Tensor operator/(const Located& x, double y) { return divide(x, scalar_like(x, y)); }
Tensor operator/(double x, const Located& y) { return divide({scalar_like(y, x), y.line}, y); }
Tensor operator-(const Located& x) { return negate(x); }

}  // namespace tapegrad
